"""From what a person names to what is asked: a connection, an address, an entry of a client's config."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Final

from wizard import catalogue, connections, fallbacks, methods
from wizard.choice import Choice
from wizard.connections import Connection
from wizard.entries import Entry, Reference, Remote, Stdio, only, realise
from wizard.errors import AuthwizardError, SourceError, UsageError
from wizard.livetest import Evidence
from wizard.methods.kind import QUERY
from wizard.secret import Secret
from wizard.services import Service, Templates
from wizard.urls import origin

from .sending import carriers, split
from .target import Target, Unreadable
from .url_targets import NOTHING, Given, from_url, known

if TYPE_CHECKING:
    from wizard.clients.model import Scope

    from . import client_targets

__all__ = [
    "Given",
    "build",
    "every_server",
    "from_client",
    "from_connection",
    "from_fallback",
    "from_url",
    "recognised",
    "resolve",
]

_TEMPLATE: Final = re.compile(r"\{([A-Za-z0-9_.-]+)\}")
_NO_SECRETS: Final[Mapping[str, Secret]] = {}


def build(choice: Choice) -> Target:
    """The target that a choice in the wizard makes, called by its name. A secret that is not there leaves its header
    or variable out.

    Raises: UsageError where what was given cannot be sent, as `wizard.methods.derived`.
    """
    secrets = methods.derived(choice)
    plan = methods.entry_plan(replace(choice, secrets=secrets, kept=()))
    entry = realise(only(plan, frozenset(secrets)), secrets)
    method = choice.method
    first = next((f.id for f in (*method.fields, *method.derived) if f.secret and f.id in secrets), "")
    return Target(
        label=choice.name,
        entry=entry,
        speaks=choice.speaks,
        service=choice.service,
        environment=choice.environment,
        method=method,
        credential=secrets.get(first),
        secrets=dict(secrets),
        settings={**choice.settings, "url": choice.address},
        scopes=choice.scopes,
        allow=choice.allow,
    )


def from_connection(
    connection: Connection, secrets: Mapping[str, Secret] | None = None, *, lenient: bool = False
) -> Target:
    """A saved connection, its secrets read where they are kept.

    With ``lenient`` a secret that its file does not yield is left out and named in ``unread``: it is what a diagnosis
    is to explain. Raises: UsageError (unknown service), SourceError (a secret cannot be had).
    """
    choice = connections.choice(connection)
    held, unread = (secrets, {}) if secrets is not None else _held(connection, lenient)
    found = build(replace(choice, secrets=held))
    return replace(
        found,
        connection=connection.name,
        created=connection.created,
        sources=connection.secrets,
        tools=connection.tools,
        unread=unread,
        otherwise=f"Or switch to the fallback: authwizard connections switch {connection.name}"
        if fallbacks.good(connection)
        else "",
    )


def from_fallback(connection: Connection) -> Target:
    """The second method of a saved connection, as if it had been switched to.

    Raises: UsageError ``no-fallback``, and as `from_connection`.
    """
    second = from_connection(replace(fallbacks.switched(connection), fallback=None))
    name = fallbacks.target(connection.name)
    return replace(second, label=name, connection=name, otherwise="")


def _held(connection: Connection, lenient: bool) -> tuple[dict[str, Secret], dict[str, str]]:
    """The secrets, and the fields whose file yields nothing with the id of the failure."""
    held: dict[str, Secret] = {}
    unread: dict[str, str] = {}
    for field, source in connection.secrets.items():
        try:
            held |= connections.secrets_of(replace(connection, secrets={field: source}))
        except SourceError as problem:
            if not (lenient and source.startswith(("file:", "keyring:"))):
                raise
            unread[field] = problem.id
    return held, unread


def from_client(
    client_id: str,
    server: str,
    path: Path | None = None,
    *,
    lenient: bool = False,
    scope: Scope | None = None,
) -> Target:
    """An entry of a client's config, as that client would read it; ``lenient`` as in `from_connection`, and then an
    entry whose connection is gone, or whose value only the client knows, is part of the question as well.

    Raises: UsageError ``unknown-client``, ``unknown-server``, ``unknown-connection``; JobError ``value-asked``;
    FileProblem.
    """
    from . import client_targets

    scope = scope or (None if path else client_targets.scope_of(client_id, server))
    place = scope.path if scope else path or Path()
    reader = scope.client if scope else None
    held = client_targets.read(client_id, server, place, lenient=lenient, reader=reader)
    label = f"{client_id}:{server}"
    if held.connection is None:
        return _alone(held, label, lenient=lenient)
    target = from_connection(held.connection, lenient=lenient)
    name = held.connection.name
    says = f"{place}: {server} takes its secrets from the connection {name}"
    if held.asked:
        answered = client_targets.answered(held, target)
        if answered is None:
            return _alone(held, label, lenient=lenient)
        held = answered
        says = f"{held.title} asks for the secret; here that of the connection {name} was used"
    references = client_targets.filled(held, target.entry)
    asked = target.entry
    if isinstance(held.entry, Remote) and isinstance(asked, Remote):
        if not _same(held.entry.url, asked.url):
            # the credential is for the connection's origin, and goes nowhere else
            return replace(recognised(held.entry, label, references), **_of(held))
        if not held.answers:
            asked = replace(held.entry, headers={**held.entry.headers, **asked.headers})
            references = tuple(r for r in references if r.state != "helper")
    if held.answers:
        asked = held.entry
    elif isinstance(held.entry, Stdio) and isinstance(asked, Stdio):
        asked = _started(held.entry, asked)
    notes = (Evidence("config", says),)
    return replace(target, label=label, entry=asked, references=references, notes=notes, **_of(held))


def _started(written: Stdio, own: Stdio) -> Stdio:
    """What the client starts: the program that the file names, with the variables that the connection gives it. A line
    that `authwizard exec` does not take is started as it stands."""
    from wizard.clients import ours

    inner = ours.behind(written)
    return replace(inner, env={**inner.env, **own.env}) if inner is not None else written


def _alone(held: client_targets.Held, label: str, *, lenient: bool) -> Target:
    """An entry that no connection stands behind. What only the client knows is not sent at all."""
    from wizard.clients import bridge

    from . import client_targets

    if held.asked and not lenient:
        raise client_targets.unknown_value(held)
    held = client_targets.without_unknown(held)
    found = recognised(held.entry, label, client_targets.filled(held))
    return replace(found, bridged=bridge.read(held.entry) is not None, **_of(held))


def _of(held: client_targets.Held) -> dict[str, Any]:
    """Whose entry it is, where it stands, and what it starts."""
    program = held.entry if isinstance(held.entry, Stdio) else None
    return {"config": str(held.place), "client": held.client, "program": program}


def every_server(client_id: str, *, lenient: bool = False) -> tuple[Target | Unreadable, ...]:
    """Every entry of a client's config, the project's before the person's own of the same name; what cannot be read
    stands in the list as such, so that the others go on. Raises: UsageError ``unknown-client``."""
    from wizard import clients

    names: dict[str, Scope] = {}
    unread: dict[str, Target | Unreadable] = {}
    for scope in clients.get(client_id).scopes():
        try:
            if scope.path.exists():
                names = {**dict.fromkeys(scope.client.servers(scope.path), scope), **names}
        except AuthwizardError as problem:
            unread[str(scope.path)] = Unreadable(f"{client_id}: {scope.path}", problem)
    found = list(unread.values())
    for name, scope in names.items():
        try:
            found.append(from_client(client_id, name, lenient=lenient, scope=scope))
        except AuthwizardError as problem:
            found.append(Unreadable(f"{client_id}:{name}", problem))
    return tuple(found)


def recognised(entry: Entry, label: str, references: tuple[Reference, ...] = ()) -> Target:
    """An entry with what the catalogue knows of its service; what goes by a bridge is the server behind it."""
    from wizard.clients import bridge

    entry = bridge.read(entry, os.environ) or entry
    if isinstance(entry, Remote):
        if (found := _by_legs(entry, label, references)) is not None:
            return found
        service, environment = known(entry.url)
        held = _held_in(entry)
        credential = next(iter(held.values()), None)
        method = (
            next((m for m in service.methods_at(environment) if m.headers or m.kind == "bearer"), None)
            if service
            else None
        )
        return Target(label, entry, "mcp", service, environment, method, credential, held, {}, (), references)
    for service in catalogue.load().services:
        if service.entry == "stdio" and _runs(entry, service):
            return _stdio(entry, label, references, service)
    return Target(label, entry, "mcp", references=references)


def _by_legs(entry: Remote, label: str, references: tuple[Reference, ...]) -> Target | None:
    """An entry with the header by which a gateway knows whom it lets in: its address tells nothing, everybody has one
    of their own. None where no such header is sent."""
    names = {name.lower() for name in entry.headers}
    for service in catalogue.load().services:
        first = service.legs[0].headers[0].lower() if service.legs else ""
        if first not in names - {"authorization"}:
            continue
        environment = known(entry.url)[1] or next((e for e in service.environments if not e.url), None)
        sent = [m for m in service.methods_at(environment) if not m.derived]
        method = max(sent, key=lambda m: len(names & {h.lower() for h in m.headers}))
        fields = _read_back({**service.headers, **method.headers}, entry.headers)
        secret = [f.id for f in service.all_fields(method) if f.secret]
        held = {n: fields[n] for n in secret if n in fields}
        return Target(
            label=label,
            entry=entry,
            speaks=service.speaks_at(environment),
            service=service,
            environment=environment,
            method=method,
            credential=next(iter(held.values()), None),
            secrets=held,
            settings={n: v.reveal() for n, v in fields.items() if n not in secret},
            references=references,
        )
    return None


def _held_in(entry: Remote) -> dict[str, Secret]:
    """The credential of an entry that nothing else is known of: out of its header, or of its address."""
    for name in carriers(entry.headers, _NO_SECRETS):
        return {"token": Secret(split(entry.headers[name].reveal())[1])}
    return {f"{QUERY}{name}": value for name, value in entry.query.items()}


def _runs(entry: Stdio, service: Service) -> bool:
    """Whether the entry's command is the service's, or its variables are."""
    commands = [service.command, *(e.command for e in service.environments)]
    for command in commands:
        fixed = [w for w in command if "{" not in w]
        if fixed and entry.command and all(any(PurePath(x).name == w for x in entry.command) for w in fixed):
            return True
    return any(name in entry.env for name in service.env)


def _stdio(entry: Stdio, label: str, references: tuple[Reference, ...], service: Service) -> Target:
    """Read the fields back out of the variables that the service's templates fill."""
    method = max(service.methods, key=lambda m: len(set(m.env) & set(entry.env)), default=None)
    fields = _read_back({**service.env, **(method.env if method else {})}, entry.env)
    secret = {f.id for f in method.fields if f.secret} if method else set()
    settings = {n: v.reveal() for n, v in fields.items() if n not in secret}
    secrets = {n: v for n, v in fields.items() if n in secret and v}
    url = settings.get("url", "")
    environment = next((e for e in service.environments if e.url and url and _same(e.url, url)), None)
    if environment is None:
        environment = next((e for e in service.environments if not e.url and e.id != "practice"), None)
    return Target(
        label=label,
        entry=entry,
        speaks=service.speaks_at(environment),
        service=service,
        environment=environment,
        method=method,
        credential=next(iter(secrets.values()), None),
        secrets=secrets,
        settings=settings,
        references=references,
    )


def _same(one: str, other: str) -> bool:
    try:
        return origin(one) == origin(other)
    except ValueError:
        return False


def _read_back(templates: Templates, values: Mapping[str, Secret]) -> dict[str, Secret]:
    """What a template's one field was, from the text that it was rendered to."""
    found: dict[str, Secret] = {}
    for name, template in templates.items():
        fields = _TEMPLATE.findall(template)
        if len(fields) != 1 or name not in values:
            continue
        before, after = template.split("{" + fields[0] + "}")
        text = values[name].reveal()
        if text.startswith(before) and text.endswith(after):
            found[fields[0]] = Secret(text[len(before) : len(text) - len(after)])
    return found


def resolve(
    text: str, given: Given = NOTHING, *, path: Path | None = None, lenient: bool = False, **words: Any
) -> Target:
    """A TARGET of the command line: an address, ``client:server``, or a connection's name; ``lenient`` as in
    `from_connection`. ``given``, with ``words`` laid over it, goes with an address.

    Raises: UsageError (also ``many-targets`` for ``client:``, which `every_server` answers); as the others here.
    """
    if "://" in text:
        return from_url(text, given, **words)
    client, colon, server = text.partition(":")
    if colon and not server:
        raise UsageError(
            "many-targets", f"{text} means every server of that client.", "", ["Name one of them."]
        )
    if colon:
        return from_client(client, server, path, lenient=lenient)
    return from_connection(connections.get(text), lenient=lenient)
