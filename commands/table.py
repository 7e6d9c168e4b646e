"""The command line as a table: one list of commands and options from which parser, help and completion are made."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from .doctor_words import DOCTOR, DOCTOR_EXCLUSIVE
from .words import (
    ALLOW,
    CA,
    CLIENT,
    CONNECTION,
    CREDENTIAL,
    DRY,
    HOW,
    JSON,
    KIND,
    LOGIN_TIMEOUT,
    METHOD,
    PATH,
    PLAIN,
    PORT,
    PROJECT,
    SECRET,
    SET,
    STORE,
    TARGET_HELP,
    TEST_TIMEOUT,
    TIMEOUT,
    YES,
    Command,
    Option,
    Word,
)

COMMANDS: Final = (
    Command(
        "setup",
        "set up a service, test it, and write it into MCP clients",
        "setup_cmd:run",
        (Word("service", "a service's id (see: authwizard services)", completes="service"),),
        (
            Option(("--name",), "the connection's name", "N"),
            Option(("--environment",), "which deployment", "E", completes="environment"),
            Option(("--url",), "its address", "U"),
            METHOD,
            SET,
            SECRET,
            Option(("--preset",), "a named choice of scopes", "P"),
            Option(("--scopes",), "scopes, with commas between", "A,B"),
            Option(CLIENT.flags, CLIENT.help, "C", many=True, completes="client"),
            PROJECT,
            PATH,
            HOW,
            STORE,
            Option(
                ("--fallback",), "keep it as the second method of the connection --name N; nothing is written"
            ),
            PORT,
            ALLOW,
            CA,
            TEST_TIMEOUT,
            PLAIN,
            DRY,
            YES,
            JSON,
        ),
        (("--preset", "--scopes"), ("--project", "--path")),
    ),
    Command(
        "test",
        "test a connection live, step by step",
        "test_cmd:run",
        (Word("target", TARGET_HELP, completes="connection"),),
        (
            KIND,
            METHOD,
            CREDENTIAL,
            SET,
            SECRET,
            Option(("--scopes",), "scopes it should have, with commas between", "S"),
            Option(("--call",), "call this tool (this is the yes for it)", "TOOL"),
            Option(("--args",), "the arguments of --call, as a JSON object", "JSON"),
            Option(("--fallback",), "the second method of this connection, in place of the first"),
            PORT,
            ALLOW,
            CA,
            TEST_TIMEOUT,
            JSON,
        ),
    ),
    Command(
        "doctor",
        "find the cause of a failure, its proof, and who must do what",
        "doctor_cmd:run",
        (Word("target", TARGET_HELP, "?", completes="connection"),),
        DOCTOR,
        exclusive=DOCTOR_EXCLUSIVE,
    ),
    Command(
        "token",
        "explain a token: what it is, for whom, until when",
        "token_cmd:run",
        (Word("source", "where the token is: env:VAR, file:PATH, keyring:NAME, cmd:..., or -", "?"),),
        (
            Option(("--jwks",), "check its signature by these public keys", "URL|FILE", completes="file"),
            Option(("--verify",), "check its signature by the keys that its issuer publishes"),
            Option(("--userinfo",), "ask its issuer whom it is for; the token is sent there"),
            Option(
                ("--introspect",),
                "ask its issuer whether it is active, as --set client_id and --secret client_secret",
            ),
            Option(("--verbose",), "name every group and scope, however many"),
            SET,
            SECRET,
            CA,
            TIMEOUT,
            JSON,
        ),
        (("--jwks", "--verify"),),
    ),
    Command(
        "files",
        "check the files in which credentials lie: mode, owner, folder",
        "files_cmd:run",
        (Word("path", "a file or folder; without one, those that are known", "*", completes="file"),),
        (Option(("--fix",), "change modes that are too wide; what is done is said first"), JSON),
    ),
    Command(
        "causes",
        "the causes that the doctor knows",
        "lists_cmd:causes",
        (Word("id", "one cause", "?", completes="cause"),),
        (JSON,),
    ),
    Command(
        "services",
        "the services that can be set up",
        "lists_cmd:services",
        (
            Word(
                "id",
                "one service; or check FILE, to see whether a description is right; or new ID, to begin one",
                "?",
                completes="service",
                also=("check", "new"),
            ),
            Word("file", "a service description, after check; an id, after new", "?", completes="file"),
        ),
        (
            Option(
                ("--path",), "where `new` writes, instead of your folder of services", "F", completes="file"
            ),
            JSON,
        ),
    ),
    Command("clients", "the MCP clients that can be written to", "lists_cmd:clients", (), (JSON,)),
    Command(
        "connections",
        "the saved connections: show, rename or remove one, or switch it to its fallback",
        "connections_cmd:run",
        (
            Word(
                "action", "show, rename, remove or switch", "?", values=("show", "rename", "remove", "switch")
            ),
            Word("name", "a connection", "?", completes="connection"),
            Word("new", "its new name, after rename", "?"),
        ),
        (
            Option(("--keep-clients",), "remove: leave the entries in the clients' configs"),
            Option(("--dry-run",), "remove, switch: show what would be done, do nothing"),
            YES,
            JSON,
        ),
    ),
    Command(
        "export",
        "write a connection into an MCP client's config",
        "export_cmd:run",
        (CONNECTION,),
        (
            CLIENT,
            PROJECT,
            PATH,
            HOW,
            DRY,
            Option(("--remove",), "take the entry out again"),
            Option(("--undo",), "put the file back as it was before the last write"),
            CA,
            TIMEOUT,
            YES,
            JSON,
        ),
        (("--project", "--path"), ("--dry-run", "--remove", "--undo")),
    ),
    Command(
        "import",
        "make connections of what a client's config holds, or of a gateway's .env file",
        "import_cmd:run",
        (Word("client", "all of a client's entries, or CLIENT:SERVER for one", "?", completes="client"),),
        (
            Option(("--env",), "a gateway's .env file", "FILE", completes="file"),
            Option(("--name",), "the connection's name; with --env the first one's (gateway)", "N"),
            Option(("--url",), "the gateway's address, where the file does not say it", "U"),
            PROJECT,
            PATH,
            SECRET,
            STORE,
            Option(("--template",), "write such a file, commented, to fill in"),
            Option(("--method",), "whose template: keycloak (as if not given) or cognito", "M"),
            DRY,
            YES,
            JSON,
        ),
        (("--project", "--path"),),
    ),
    Command(
        "stores",
        "the logins that other programs keep: list them, clear one, put it back",
        "stores_cmd:run",
        (),
        (
            Option(("--remove",), "clear the login with this id; a copy is kept", "ID"),
            Option(("--undo",), "put the login back that was cleared last under this id", "ID"),
            JSON,
        ),
    ),
    Command(
        "login",
        "log in for a connection, and keep the login",
        "login_cmd:login",
        (CONNECTION,),
        (
            Option(("--device",), "log in on another device, by a code"),
            Option(("--fallback",), "for its second method, in place of the first"),
            Option(("--no-browser",), "open no browser; the address is shown"),
            PORT,
            CA,
            LOGIN_TIMEOUT,
            JSON,
        ),
    ),
    Command(
        "logout",
        "end a connection's login, here and at its issuer",
        "login_cmd:logout",
        (CONNECTION,),
        (CA, TIMEOUT, JSON),
    ),
    Command(
        "refresh",
        "renew a connection's login now",
        "refresh_cmd:run",
        (Word("name", "a connection", "?", completes="connection"),),
        (
            Option(("--all",), "every connection that has a login"),
            Option(("--rehearse",), "show what would be done; the refresh token is not used"),
            CA,
            TIMEOUT,
            JSON,
        ),
    ),
    Command(
        "secret",
        "print a connection's secret, to a pipe",
        "handed_cmd:secret",
        (CONNECTION, Word("field", "which, where there are several", "?")),
        (Option(("--reveal",), "show it on a terminal too"),),
    ),
    Command(
        "headers",
        "print a connection's request headers as JSON, for a client that calls a helper",
        "handed_cmd:headers",
        (CONNECTION,),
    ),
    Command(
        "exec",
        "start a program with a connection's environment",
        "handed_cmd:exec_",
        (CONNECTION, Word("command", "after --: the program and its arguments", "*")),
    ),
    Command(
        "registrations",
        "clients at an identity provider, through its own API: list, add from a file, remove",
        "registrations_cmd:run",
        (
            Word("action", "list (as if not given), add or remove", "?", values=("list", "add", "remove")),
            Word("name", "add: one client's name; remove: names or client ids", "*"),
        ),
        (
            Option(
                ("--at",), "the provider: its issuer or address, or a connection to its API", "ISSUER|NAME"
            ),
            Option(
                ("--provider",),
                "whose API it is, where that cannot be told",
                "P",
                values=("keycloak", "fusionauth"),
            ),
            Option(
                ("--from",),
                "add: a file of clients, CSV or JSON (name, redirect_uris, scopes)",
                "FILE",
                completes="file",
            ),
            Option(("--redirect",), "add: a redirect URI of the one client", "URI", many=True),
            Option(("--unused",), "list or remove: those that this program registered and nobody uses"),
            SET,
            SECRET,
            ALLOW,
            CA,
            TIMEOUT,
            DRY,
            YES,
            JSON,
        ),
        (("--from", "--redirect"),),
    ),
    Command(
        "sandbox",
        "practice services on this machine, until ended",
        "sandbox_cmd:run",
        (),
        (
            Option(("--port",), "the first port (any free one)", "P"),
            Option(
                ("--fault",),
                "let the services go wrong in one way (an unknown one: see which)",
                "CAUSE",
                completes="fault",
            ),
            JSON,
        ),
    ),
    Command(
        "completion",
        "print a completion script for your shell",
        "completion:run",
        (Word("shell", "bash, zsh or fish", "?", values=("bash", "zsh", "fish")),),
        (Option(("--connections",), "print the names of the connections instead, as those scripts ask"),),
    ),
)

LATER: Final = frozenset(
    [
        "rotate",
        "bundle",
        "share",
        "vault",
        "audit",
        "guide",
        "watch",
    ]
)
"""Commands of the contract that this version does not have."""

LATER_OPTIONS: Final = MappingProxyType(
    {
        "": frozenset({"--team"}),
        "import": frozenset({"--bundle"}),
    }
)

BARE: Final = (
    Option(("--practice",), "start the built-in practice services with it"),
    PLAIN,
    Option(("--version", "-V"), "print the version"),
)
SCREEN_WORDS: Final = (Word("service", "open the wizard on this service", "?", completes="service"),)


def find(name: str) -> Command | None:
    """The command of this name."""
    return next((c for c in COMMANDS if c.name == name), None)
