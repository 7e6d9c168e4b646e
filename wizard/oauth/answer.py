"""What an authorization server sends back through the browser (RFC 6749 section 4.1.2), out of an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from wizard.errors import UsageError
from wizard.secret import Secret

_MOST: Final = 64


@dataclass(frozen=True, slots=True, repr=False)
class AuthorizationAnswer:
    """An answer that carried this login's state. Either ``code`` is there or ``error`` is not empty.

    ``iss`` is RFC 9207's, None where none was sent. The error's texts are as the server sent them, without characters
    that cannot be shown: whoever has not compared ``iss`` yet must not show them (RFC 9207 section 2.4).
    """

    code: Secret | None
    iss: str | None = None
    error: str = ""
    error_description: str = ""
    error_uri: str = ""

    def __repr__(self) -> str:
        return f"AuthorizationAnswer({'code' if self.code else 'error'})"


class NoAnswer(Exception):
    """The parameters are not this login's answer. ``reason`` is one of `REASONS`; nothing of them is in it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


REASONS: Final = {
    "unreadable": "its parameters cannot be read",
    "twice": "it holds a parameter twice",
    "no-state": "it has no `state`",
    "other-state": "its `state` is that of another login",
    "no-code": "it holds neither a code nor an error",
    "code-and-error": "it holds both a code and an error",
}


def answer(query: str, state: Secret) -> AuthorizationAnswer:
    """The answer that a query holds, where it is the one to the request with this ``state``.

    Raises:
        NoAnswer: it is not. RFC 6749 section 3.1: no parameter comes twice.
    """
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="replace", max_num_fields=_MOST)
    except ValueError:
        raise NoAnswer("unreadable") from None
    given = dict(pairs)
    if len(given) != len(pairs):
        raise NoAnswer("twice")
    if not given.get("state"):
        raise NoAnswer("no-state")
    if Secret(given["state"]) != state:
        raise NoAnswer("other-state")
    code, error = given.get("code", ""), _shown(given.get("error", ""))
    if code and error:
        raise NoAnswer("code-and-error")
    if not code and not error:
        raise NoAnswer("no-code")
    if code and not (code.isascii() and code.isprintable()):
        raise NoAnswer("unreadable")
    return AuthorizationAnswer(
        Secret(code) if code else None,
        given.get("iss"),
        error,
        _shown(given.get("error_description", "")),
        _shown(given.get("error_uri", "")),
    )


def pasted(text: str, redirect_uri: str, state: Secret) -> AuthorizationAnswer:
    """The answer in the address at which a browser ended, as a person copied it. Line breaks in it, quotes around it
    and a missing ``http://`` are forgiven.

    Raises:
        UsageError: `pasted-address`, with what is wrong; nothing of the text is repeated, for it may hold a code.
    """
    wanted = urlsplit(redirect_uri)
    bare = "".join(text.split()).strip("\"'<>`")
    if not bare:
        raise _refused("Nothing was pasted.", redirect_uri)
    if "://" not in bare.partition("?")[0]:
        bare = f"{wanted.scheme}://{bare}"
    try:
        given = urlsplit(bare)
        host, port = (given.hostname or "").lower(), given.port
    except ValueError:
        raise _refused("What was pasted cannot be read as an address.", redirect_uri) from None
    if given.scheme == wanted.scheme and host == wanted.hostname and _path(given.path) == _path(wanted.path):
        if port != wanted.port:
            raise _refused("The address names another port, so it belongs to another login.", redirect_uri)
        try:
            return answer(given.query, state)
        except NoAnswer as error:
            why = f"The address is not the answer to this login: {REASONS[error.reason]}."
            raise _refused(why, redirect_uri) from None
    if "code_challenge" in given.query:
        raise _refused(
            "That is the address where the login begins, not the one where it ended.", redirect_uri
        )
    raise _refused("That is not the address to which this login sends the browser back.", redirect_uri)


def _path(path: str) -> str:
    return path or "/"


def _shown(text: str) -> str:
    return "".join(c for c in text if c.isprintable())


def _refused(why: str, redirect_uri: str) -> UsageError:
    return UsageError(
        "pasted-address",
        why,
        "What was pasted is not shown, for it may hold a code.",
        [
            "Log in in the browser until it shows that it cannot connect, or an empty page.",
            f"Copy the whole address from its address bar: it begins with {redirect_uri}",
            "Paste it here.",
        ],
    )
