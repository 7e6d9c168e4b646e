"""What would be made of a client's entries: which there are, under which names, and what is there already."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from wizard import clients, connections, methods
from wizard.clients.model import Scope
from wizard.connections import Connection
from wizard.errors import AuthwizardError, FileProblem, SourceError, UsageError
from wizard.names import check_field, near, valid_name
from wizard.secret import Secret

from . import entry
from .model import ERROR, NOTE, Found, Import, Made, Problem, Wanted


def prepare(
    client: str, server: str = "", *, path: Path | None = None, project: bool = False, name: str = ""
) -> Import:
    """What a client's entries describe, and nothing kept yet: all of them, or that of one ``server``. ``name`` is for
    the connection of that one.

    Raises:
        UsageError: `unknown-client`, `unknown-server`, `bad-name`, `name-taken`, `nothing-to-import`.
        FileProblem: a file, or the one entry, that its client passes over, or that no connection can be made of.
    """
    if name:
        valid_name(name)
    scopes = _scopes(client, path, project)
    saved = {c.name: c for c in connections.load_all()}
    found: list[Found] = []
    problems: list[Problem] = []
    if server:
        scope = _scope_of(client, server, scopes)
        one = _found(client, server, scope, saved, (), name, problems)
        found += [one] if one else []
        return Import(client, scope.path, tuple(found), tuple(problems))
    used: dict[str, Scope] = {}
    for scope in scopes:
        for each in _servers(scope, problems):
            if each in used:
                says = (
                    f"It is in {scope.path} too: {clients.get(client).title} uses that of {used[each].path}."
                )
                problems.append(Problem("entry-hidden", each, says))
                continue
            used[each] = scope
            try:
                one = _found(client, each, scope, saved, [f.connection.name for f in found], "", problems)
            except FileProblem as problem:
                problems.append(Problem(problem.id, each, f"{problem.title} {problem.fix[0]}", ERROR))
                continue
            found += [one] if one else []
    first = next((s.path for s in used.values()), scopes[0].path if scopes else None)
    return Import(client, first, tuple(found), tuple(problems))


def answered(plan: Import, given: Mapping[str, tuple[str, Secret]]) -> Import:
    """The plan with values that were given, by field: a SOURCE that stays (``-``: the value goes into a store), and its
    value. Of several entries all that have such a field get it.

    Raises: UsageError `unknown-field`.
    """
    known = dict.fromkeys(w.field for f in plan.found for w in f.wanted)
    for field in given:
        if field not in known:
            says = f"There is: {', '.join(known)}." if known else "There is none."
            raise UsageError(
                "unknown-field", "No entry has a secret of that name.", f"{near(field, known)} {says}".strip()
            )

    def filled(one: Found) -> Found:
        wanted = tuple(_given(w, *given[w.field]) if w.field in given else w for w in one.wanted)
        secrets = {w.field: w.source for w in wanted if w.source}
        new = wanted != one.wanted
        return replace(
            one,
            wanted=wanted,
            changed=one.changed or new,
            connection=replace(one.connection, secrets={**one.connection.secrets, **secrets}),
        )

    return replace(plan, found=tuple(filled(f) for f in plan.found))


def _given(wanted: Wanted, source: str, secret: Secret) -> Wanted:
    if source != "-":
        return replace(wanted, source=source, secret=None, literal=False, asked="")
    return replace(wanted, source="", secret=secret.map(wanted.prefix), literal=False, asked="")


def _scopes(client: str, path: Path | None, project: bool) -> tuple[Scope, ...]:
    reader = clients.get(client)
    if path is not None:
        place = reader.place(path.expanduser().absolute())
        if not place.exists():
            raise FileProblem(
                "file-missing", f"There is no file {place}.", "", ["Name another one with --path."]
            )
        return (Scope("file", place, reader),)
    wanted = reader.scopes()
    if project:
        wanted = tuple(s for s in wanted if s.path == reader.path(True))
    there = tuple(s for s in wanted if s.path.exists())
    if not there:
        places = ", ".join(str(s.path) for s in wanted)
        raise UsageError(
            "nothing-to-import",
            f"{reader.title} has no config here.",
            f"It was looked for at {places}." if places else "It has no file of its own.",
            ["Name its file with --path.", "See which clients are here: authwizard clients"],
        )
    return there


def _servers(scope: Scope, problems: list[Problem]) -> Iterator[str]:
    try:
        yield from scope.client.servers(scope.path)
    except FileProblem as problem:
        problems.append(Problem(problem.id, "", f"{problem.title} {problem.detail}".strip(), ERROR))


def _scope_of(client: str, server: str, scopes: Iterable[Scope]) -> Scope:
    known: list[str] = []
    for scope in scopes:
        names = scope.client.servers(scope.path)
        if server in names:
            return scope
        known += names
    title = clients.get(client).title
    raise UsageError(
        "unknown-server",
        f"{title} has no server {server} here." if server.isprintable() else "There is no such server.",
        f"There is: {', '.join(dict.fromkeys(known))}." if known else "Its config holds none.",
        [f"authwizard import {client} --dry-run shows all of them."],
    )


def _found(  # noqa: PLR0917  # where it is, and what is there already
    client: str,
    server: str,
    scope: Scope,
    saved: Mapping[str, Connection],
    taken: Iterable[str],
    name: str,
    problems: list[Problem],
) -> Found | None:
    ours = entry.already_ours(scope, server)
    if ours in saved:
        says = f"It is the connection {ours}, which is there already."
        problems.append(Problem("already-a-connection", server, says))
        return None
    if ours:
        raise FileProblem(
            "connection-gone",
            f"`{server}` uses the connection {ours}, and there is none of that name.",
            str(scope.path),
            ["Set it up again under that name, or take the entry out."],
        )
    made = entry.made_of(scope, server)
    chosen, before = _name(client, server, made, saved, taken, name)
    one = _connection(chosen, made)
    _usable(one, made, scope, server)
    if before is not None:
        kept = {w.field: before.secrets[w.field] for w in made.wanted if w.field in before.secrets}
        return Found(
            client, server, scope, replace(before, secrets={**before.secrets, **kept}), (), changed=False
        )
    problems += [Problem("note", server, says, NOTE) for says in made.notes]
    return Found(client, server, scope, one, made.wanted)


def _connection(name: str, made: Made) -> Connection:
    references = {w.field: w.source for w in made.wanted if w.source}
    return Connection(name, made.service, "own", made.url, made.method, made.settings, references)


def _usable(connection: Connection, made: Made, scope: Scope, server: str) -> None:
    """Raises FileProblem where the connection could not be used: over plain http, or with what cannot be sent."""
    fields = [w.field for w in made.wanted]
    choice = replace(connections.choice(connection), kept=frozenset(fields))
    says, fix = methods.refusal(choice.method, connection.url) if connection.url else "", "Use https there."
    try:
        for field in fields:
            check_field(connection.name, field)
        methods.derived(choice)
        methods.entry_plan(choice)
    except UsageError as problem:
        says, fix = f"{problem.title} {problem.detail}".strip(), "Mend the entry."
    if says:
        title = f"No connection is made of `{server}`: {says}"
        raise FileProblem("entry-not-imported", title, str(scope.path), [fix, "It stays as it is."])


def _name(  # noqa: PLR0917  # as above
    client: str,
    server: str,
    made: Made,
    saved: Mapping[str, Connection],
    taken: Iterable[str],
    name: str,
) -> tuple[str, Connection | None]:
    """The name, and the same connection where it is saved under it already."""
    if name:
        before = saved.get(name)
        if before is None or _same(before, made):
            return name, before
        raise UsageError(
            "name-taken",
            f"There is already a connection {name}, to something else.",
            f"It is the one to {before.service}{f' at {before.url}' if before.url else ''}.",
            ["Give another name with --name.", "Nothing was saved."],
        )
    for candidate in _names(server, client):
        before = saved.get(candidate)
        if candidate not in taken and (before is None or _same(before, made)):
            return candidate, before
    raise AssertionError("there is always another number")


def _names(server: str, client: str) -> Iterator[str]:
    bare = re.sub(r"[^A-Za-z0-9_-]+", "-", server).strip("-")[:64] or client
    yield bare
    with_client = f"{bare[: 63 - len(client)]}-{client}"
    yield with_client
    number = 2
    while True:
        yield f"{with_client[:58]}-{number}"
        number += 1


def _same(before: Connection, made: Made) -> bool:
    """Whether a saved connection is what the entry describes, its secrets included, as far as they can be read."""
    told = (before.service, before.url, before.method, dict(before.settings))
    if told != (made.service, made.url, made.method, dict(made.settings)):
        return False
    if not set(before.secrets) >= {w.field for w in made.wanted}:
        return False
    return all(_same_secret(before, w) for w in made.wanted)


def _same_secret(before: Connection, wanted: Wanted) -> bool:
    if wanted.source:
        return before.secrets[wanted.field] == wanted.source
    if wanted.secret is None:
        return True
    only = replace(before, secrets={wanted.field: before.secrets[wanted.field]})
    try:
        return connections.secrets_of(only)[wanted.field] == wanted.secret
    except (SourceError, AuthwizardError):
        # what cannot be read is not held to be another one
        return True
