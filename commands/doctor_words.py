"""The options of ``doctor``."""

from __future__ import annotations

from typing import Final

from .words import CA, CREDENTIAL, JSON, KIND, METHOD, PORT, SECRET, SET, TIMEOUT, Option

DOCTOR: Final = (
    Option(("--all",), "every saved connection"),
    KIND,
    METHOD,
    CREDENTIAL,
    Option(("--header",), "a header as it stands, in place of one of that name", "NAME=SOURCE", many=True),
    SET,
    SECRET,
    Option(("--require-scope",), "a scope that the credential must have", "S", many=True),
    Option(("--require-group",), "a group that must stand in the token", "G", many=True),
    Option(("--require-role",), "a role that must stand in the token", "R", many=True),
    Option(("--audience",), "the audience that the server wants of a token; compared with the token's", "A"),
    Option(("--issuer",), "the issuer whose tokens the server takes; compared with the token's", "I"),
    Option(("--tool",), "a tool that should be there under this name; it is not called", "T"),
    Option(
        ("--save",),
        "write the case into a file that can be sent: no secret stands in it",
        "FILE",
        completes="file",
    ),
    Option(
        ("--replay",), "judge a case that was saved; nothing is asked of anybody", "FILE", completes="file"
    ),
    Option(
        ("--har",), "a login that your browser recorded: its loop is named, offline", "FILE", completes="file"
    ),
    Option(("--compare",), "say what differs from a case that was saved", "FILE", completes="file"),
    Option(("--login",), "log in first, as `test` does, and diagnose with what that gives"),
    PORT,
    Option(("--start",), "start the command of a client's entry as well: your yes to it"),
    Option(("--verbose",), "name each cause that was not examined, and what that would need"),
    CA,
    TIMEOUT,
    Option(("--markdown",), "answer as Markdown, with what to send to whom"),
    JSON,
)
DOCTOR_EXCLUSIVE: Final = (("--json", "--markdown"),)
