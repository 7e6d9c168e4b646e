"""``authwizard secret``, ``headers`` and ``exec``: what clients and shells call to get at a connection's secret.

A client waits for these at each start, so nothing is imported that the one job does not need.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NoReturn

from wizard import children, connections
from wizard.errors import JobError, SourceError, UsageError
from wizard.names import LOGIN
from wizard.secret import Secret

if TYPE_CHECKING:
    from wizard.choice import Choice
    from wizard.connections import Connection


def secret(name: str, field: str | None = None, reveal: bool = False) -> int:
    """Print one secret of a connection and a line feed: to a pipe, to a terminal only with ``reveal``.

    Raises:
        UsageError: `terminal`, `unknown-connection`, `no-secret`, `field-needed`, `unknown-field`.
        SourceError: it cannot be had from where it is kept.
    """
    from wizard.vault import parse_source

    connection = connections.get(name)
    chosen = _field(connection, field)
    terminal = sys.stdout.isatty()
    if terminal and not reveal:
        raise UsageError(
            "terminal",
            "A secret is not shown on a terminal.",
            "It would stay in the scroll-back and in screen captures.",
            [f'To use it: export VARIABLE="$(authwizard secret {name} {chosen})"', "To see it: add --reveal"],
        )
    if chosen in connection.secrets:
        text = parse_source(connection.secrets[chosen]).read().reveal()
    else:
        text = _completed(connection).secrets[chosen].reveal()
    return _print(_harmless(text) if terminal else text)


def headers(name: str) -> int:
    """Print the connection's request headers as a JSON object, for a client that calls a helper.

    Raises:
        UsageError: `terminal`, `unknown-connection`. SourceError: a secret cannot be had. TokenRefused, TransportError:
        the token endpoint gives none.
    """
    import json

    from wizard import methods

    connection = connections.get(name)
    if sys.stdout.isatty():
        raise UsageError(
            "terminal",
            "Request headers hold a secret, and are not shown on a terminal.",
            "They are meant for a client that calls this command.",
            [f"To use them: authwizard headers {name} | PROGRAM"],
        )
    found = methods.headers(_completed(connection))
    return _print(json.dumps({key: value.reveal() for key, value in found.items()}))


def exec_(name: str, command: list[str]) -> int:
    """Become the command, with the connection's environment laid over this one's.

    For a stdio connection that is what its program reads. For a remote one it is the variable of each secret and of
    each header, so that a bridge such as mcp-remote can expand ``${VARIABLE}`` in its arguments. On POSIX this does
    not return.

    Raises:
        UsageError: `command-missing`, `unknown-connection`. SourceError: a secret cannot be had.
        JobError: `command-not-found`, `command-not-started`, `secret-missing`, `secret-not-text`.
    """
    if not command:
        raise UsageError(
            "command-missing", "No command is given.", fix=[f"authwizard exec {name} -- COMMAND ..."]
        )
    added = environment_of(connections.get(name))
    return _become(command, children.environment({k: _passable(k, v) for k, v in added.items()}))


def environment_of(connection: Connection) -> Mapping[str, Secret]:
    """The variables that the connection's program is started with."""
    from wizard import methods
    from wizard.clients import bridge
    from wizard.entries import Stdio, realise, slots

    choice = _completed(connection)
    secrets = choice.secrets
    plan = methods.entry_plan(choice)
    absent = [slot.field for slot in slots(plan) if slot.field not in secrets]
    if absent:
        raise JobError(
            "secret-missing",
            f"The connection {connection.name} has no {absent[0]}.",
            "Its way of signing in needs one.",
            ["Set the connection up again."],
        )
    entry = realise(plan, secrets)
    if isinstance(entry, Stdio):
        return entry.env
    return {**{slot.variable: secrets[slot.field] for slot in slots(plan)}, **bridge.variables(entry)}


def _completed(connection: Connection) -> Choice:
    """What was chosen, with the connection's secrets and those derived from them: an access token is obtained at each
    call, kept nowhere.

    Raises: SourceError; as `wizard.oauth.obtain`.
    """
    from dataclasses import replace

    from wizard import oauth

    choice = _choice(connection)
    choice = replace(choice, secrets=connections.secrets_of(connection))
    return replace(choice, secrets=oauth.completed(choice))


def _choice(connection: Connection) -> Choice:
    return connections.choice(connection, lenient=True)


def _field(connection: Connection, wanted: str | None) -> str:
    known = tuple(field for field in connection.secrets if field != LOGIN)
    derived: tuple[str, ...] = ()
    if wanted or (not known and LOGIN in connection.secrets):
        derived = tuple(f.id for f in _choice(connection).method.derived)
    if wanted in derived or (wanted == LOGIN and wanted in connection.secrets):
        return wanted or ""
    if wanted is None and not known and derived:
        # of a login it is the access token that is used, renewed where it has ended
        return derived[0]
    if wanted is not None and wanted not in known and (have := (*known, *derived, *_login(connection))):
        raise UsageError(
            "unknown-field",
            f"The connection {connection.name} has no such secret.",
            f"It has: {', '.join(have)}.",
            [f"authwizard secret {connection.name} {have[0]}"],
        )
    if not known:
        raise UsageError(
            "no-secret",
            f"The connection {connection.name} has no secret.",
            "Its way of signing in needs none.",
        )
    if wanted is None and len(known) > 1:
        raise UsageError(
            "field-needed",
            f"The connection {connection.name} has several secrets; say which.",
            f"It has: {', '.join(known)}.",
            [f"authwizard secret {connection.name} {known[0]}"],
        )
    return known[0] if wanted is None else wanted


def _login(connection: Connection) -> tuple[str, ...]:
    return (LOGIN,) if LOGIN in connection.secrets else ()


def _print(text: str) -> int:
    """The text and a line feed as UTF-8, whatever the locale says; 1 when the reader is gone."""
    try:
        content = (text + "\n").encode("utf-8")
    except UnicodeEncodeError:
        raise SourceError(
            "secret-not-text",
            "The secret holds half a character (a lone surrogate), so it cannot be printed.",
            fix=["Copy it again from where it is shown."],
        ) from None
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
    except BrokenPipeError:
        # else the interpreter tries again at its end, and complains
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def _harmless(text: str) -> str:
    """What a terminal would act on, as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def _passable(variable: str, value: Secret) -> str:
    text = value.reveal()
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        text = "\0"
    if "\0" not in text:
        return text
    raise JobError(
        "secret-not-text",
        f"The value of {variable} cannot be passed to a program.",
        "It holds a NUL character or half a character.",
        ["Copy the secret again from where it is shown."],
    )


def _become(command: list[str], environment: Mapping[str, str]) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        if os.name == "posix":
            with _usual_signals():
                os.execvpe(command[0], command, environment)  # noqa: S606  no shell is the point
        return _wait_for(command, environment)
    except OSError as problem:
        _not_started(command[0], problem)
    except ValueError:
        raise UsageError("command-missing", "The command holds a NUL character.") from None


@contextlib.contextmanager
def _usual_signals() -> Iterator[None]:
    """Python ignores SIGPIPE, and a program started in its place would inherit that."""
    import signal

    names = [name for name in ("SIGPIPE", "SIGXFSZ") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), signal.SIG_DFL) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


def _wait_for(command: list[str], environment: Mapping[str, str]) -> int:
    import shutil
    import subprocess

    # Windows starts npx.cmd only when the ending is said
    program = shutil.which(command[0], path=environment.get("PATH")) or command[0]
    return subprocess.run([program, *command[1:]], env=dict(environment), check=False).returncode


def _not_started(program: str, problem: OSError) -> NoReturn:
    if isinstance(problem, FileNotFoundError | NotADirectoryError):
        raise JobError(
            "command-not-found",
            f"There is no program {program}.",
            "It stands in no folder of PATH." if "/" not in program else "",
            ["Install it, or give its whole path."],
        ) from None
    raise JobError(
        "command-not-started",
        f"The program {program} cannot be started.",
        f"The system answered: {problem.strerror}.",
        ["Check that the file is a program and that you may run it (chmod +x)."],
    ) from None
