"""What the table of commands is made of: options, positional words, and those that several commands share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Option:
    """A flag (no ``metavar``), an option with a value, or with ``many`` one that may come several times.

    ``values`` are those it can take; ``completes`` is where a shell finds them: ``file``, ``service``, ``client``,
    ``connection``, ``method``, ``environment``, ``fault``, ``leniency``.
    """

    flags: tuple[str, ...]
    help: str
    metavar: str = ""
    many: bool = False
    values: tuple[str, ...] = ()
    completes: str = ""

    @property
    def dest(self) -> str:
        """The attribute of the parsed arguments."""
        return self.flags[0].lstrip("-").replace("-", "_")


@dataclass(frozen=True, slots=True)
class Word:
    """A positional argument; ``count`` as argparse has it (``?``, ``*``, empty for exactly one). ``also`` are words
    that are completed beside those of ``completes``."""

    name: str
    help: str
    count: str = ""
    values: tuple[str, ...] = ()
    completes: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """``handler`` is ``module:function`` in this package, imported only when the command is run."""

    name: str
    help: str
    handler: str
    words: tuple[Word, ...] = ()
    options: tuple[Option, ...] = ()
    exclusive: tuple[tuple[str, ...], ...] = ()


LENIENCIES: Final = ("pkce-not-advertised", "issuer-slash", "scheme-not-bearer", "gateway-redirect", "http")
JSON: Final = Option(("--json",), "answer with one JSON document")
YES: Final = Option(("--yes", "-y"), "ask nothing")
TIMEOUT: Final = Option(("--timeout",), "budget of the whole in seconds (30)", "S")
LOGIN_TIMEOUT: Final = Option(
    TIMEOUT.flags, "budget of the whole in seconds, your login in it included (300)", "S"
)
TEST_TIMEOUT: Final = Option(
    TIMEOUT.flags, "budget of the whole in seconds (30; with a login of yours 300)", "S"
)
SET: Final = Option(("--set",), "fill a field that is no secret", "FIELD=VALUE", many=True)
SECRET: Final = Option(
    ("--secret",),
    "where a secret is: env:VAR, file:PATH, keyring:NAME, cmd:..., -",
    "FIELD=SOURCE",
    many=True,
)
METHOD: Final = Option(("--method",), "how to sign in", "M", completes="method")
CREDENTIAL: Final = Option(("--credential",), "where the bare secret is, sent as the method says", "SOURCE")
KIND: Final = Option(
    ("--kind",), "what the address is, instead of finding out", "mcp|api", values=("mcp", "api")
)
ALLOW: Final = Option(
    ("--allow",),
    f"a leniency by name, recorded in the connection: {', '.join(LENIENCIES)}",
    "LENIENCY",
    many=True,
    completes="leniency",
)
CA: Final = Option(("--ca",), "authorities to trust, as a PEM file", "FILE", completes="file")
CLIENT: Final = Option(("--client",), "an MCP client to write to", "C", completes="client")
PROJECT: Final = Option(("--project",), "the client's file of this project, not your own")
PATH: Final = Option(("--path",), "any file of that client's form", "F", completes="file")
HOW: Final = Option(
    ("--secrets",),
    "how the client finds the secret; by default the safest it can do",
    "HOW",
    values=("oauth", "env", "helper", "prompt", "file", "inline"),
)
PORT: Final = Option(("--port",), "the port on which a login in the browser comes back (3334)", "P")
STORE: Final = Option(
    ("--store",), "where secrets are kept", "keyring|file|env", values=("keyring", "file", "env")
)
PLAIN: Final = Option(("--plain",), "ask the six steps in plain lines, without a full screen")
DRY: Final = Option(("--dry-run",), "show what would be written, write nothing")
TARGET_HELP: Final = (
    "a connection, a URL, CLIENT:SERVER for an entry of a client's config (cursor:github), or CLIENT: for all of its"
    " entries (cursor:)"
)
CONNECTION: Final = Word("name", "a connection", completes="connection")
