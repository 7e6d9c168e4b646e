"""One entry of a client's config: read as its client would, taken apart, and made into what a connection holds."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Final, NoReturn
from urllib.parse import parse_qsl, urlsplit

from wizard import telling
from wizard.clients import bridge, ours
from wizard.clients.base import ConfigClient
from wizard.clients.model import Reading, Scope, shown_command
from wizard.entries import Remote, Stdio
from wizard.errors import FileProblem, UsageError
from wizard.redaction import secret_part
from wizard.urls import check_url, parted

from . import made
from .made import Parts
from .marks import Marks, Ref, filled
from .model import Made, Wanted
from .own_login import own_login

_BRACED: Final = re.compile(r"\$\{([A-Za-z_]\w*)\}")
_REFERENCE: Final = re.compile(r"\$\{(?:env:)?([A-Za-z_]\w*)\}|\{env:([A-Za-z_]\w*)\}")


def already_ours(scope: Scope, server: str) -> str:
    """The connection whose secrets the entry uses, by our helper or our prompts; empty where it is none of ours.

    Raises: FileProblem, where the client passes over the entry.
    """
    entry, references = scope.client.effective(scope.path, server, os.environ)
    if found := ours.named(entry, references):
        return found[0]
    asked = [r.variable.removeprefix("input:") for r in references if r.state == "asked"]
    asks = scope.client.asks(scope.path) if asked else {}
    names = {asks.get(id, ("", ""))[0] for id in asked}
    return names.pop() if len(names) == 1 else ""


def made_of(scope: Scope, server: str) -> Made:
    """What the entry comes to. No helper is run, and no secret goes into the open.

    Raises: FileProblem, where the client passes over the entry, or no connection can be made of it.
    """
    _, references = scope.client.effective(scope.path, server, os.environ)
    defaulted = {r.variable for r in references if r.state == "resolved" and r.variable not in os.environ}
    # some clients go over the whole environment: those that it refers to have to be in it
    met = {r.variable for r in references} - defaulted - {""}
    marks = Marks(sorted(met), without=defaulted)
    reading = _read(scope, server, marks)
    entry = reading.entry
    raw = scope.client.servers(scope.path).get(server)
    login = own_login(raw if isinstance(raw, dict) else {}, entry)
    if isinstance(entry, Stdio):
        for name in (n for word in entry.command for n in _BRACED.findall(word)):
            marks.get(name)
        behind = bridge.read(entry, marks)
        if behind is None:
            return _program(entry, marks, scope.path, server)
        entry = behind
    found = _remote(entry, marks, scope.path, server)
    if reading.helper:
        return _helped(found, reading.helper, scope.path, server)
    if found.method == "none" and login is not None:
        own, secret = login
        return made.with_login(found, own, _written(secret), os.environ)
    return found


def _read(scope: Scope, server: str, marks: Marks) -> Reading:
    client = scope.client
    if isinstance(client, ConfigClient):
        return client.read(scope.path, server, marks)
    return Reading(*client.effective(scope.path, server, marks))


def _remote(entry: Remote, marks: Marks, path: Path, server: str) -> Made:
    parts = marks.parts(entry.url)
    url = filled(parts, os.environ)
    told = [p.name for p in parts if isinstance(p, Ref) and telling.tells(p.name)]
    if url is None or told:
        name = (
            told[0]
            if told
            else next(p.name for p in parts if isinstance(p, Ref) and p.name not in os.environ)
        )
        why = "which is a secret" if told else "which is not set here"
        _cannot(
            path, server, f"its address is made of {name}, {why}", "Write the address itself into the entry."
        )
    try:
        url = check_url(url)
    except UsageError as problem:
        _cannot(path, server, f"{problem.title} {problem.detail}".strip().rstrip("."), "Mend its address.")
    url, more = parted(url, {n for n, v in _parameters(url) if telling.random_looking(v)})
    if part := secret_part(url) or ("a part that looks like one" if _secret_path(url) else ""):
        fix = "Ask for an address without a secret, or set it up by hand: authwizard setup mcp"
        _cannot(
            path, server, f"its address holds a secret ({part}), and a connection's stands in the open", fix
        )
    headers = {name: marks.parts(secret.reveal()) for name, secret in entry.headers.items()}
    query = {name: marks.parts(secret.reveal()) for name, secret in entry.query.items()}
    query |= {name: (value,) for name, value in more.items()}
    found = made.remote(url, headers, query, entry.transport, os.environ)
    fixed = any(isinstance(p, Ref) for p in parts)
    says = "Its address is made of a variable: what it is now is kept."
    return replace(found, notes=(says, *found.notes)) if fixed else found


def _program(entry: Stdio, marks: Marks, path: Path, server: str) -> Made:
    words: list[str] = []
    fixed = False
    for number, word in enumerate(entry.command):
        parts = marks.parts(word)
        text = filled(parts, os.environ)
        refs = [p.name for p in parts if isinstance(p, Ref)]
        told = next((name for name in refs if telling.tells(name)), "")
        if told or text is None:
            name = told or next(n for n in refs if n not in os.environ)
            why = "which is a secret" if told else "which is not set here"
            fix = "Give it in `env`, if the program can read it there."
            _cannot(path, server, f"its argument {number} is made of {name}, {why}", fix)
        fixed = fixed or bool(refs)
        words.append(text)
    if (at := telling.secret_word(tuple(words))) is not None:
        fix = "Give it in `env`, if the program can read it there."
        _cannot(
            path, server, f"its argument {at} looks like a secret, and every program here sees arguments", fix
        )
    env = {name: marks.parts(secret.reveal()) for name, secret in entry.env.items()}
    found = made.program(tuple(words), env, os.environ)
    notes = ["Its arguments are made of variables: what they are now is kept."] if fixed else []
    if entry.cwd:
        notes.append(
            f"It is started in {entry.cwd} there, and elsewhere wherever its client starts programs."
        )
    return replace(found, notes=(*notes, *found.notes))


def _helped(found: Made, helper: str, path: Path, server: str) -> Made:
    """A helper of somebody else: it stays the place of the token, and is not run here."""
    if telling.secret_word(tuple(helper.split())) is not None or telling.looks_secret(helper):
        why = f"its helper ({shown_command(helper)}) looks as if it held a secret"
        _cannot(path, server, why, "Give it by --secret token=SOURCE after setting it up by hand.")
    if found.wanted:
        why = "it has both a helper and a credential of its own"
        _cannot(path, server, why, "Leave one of them in the entry.")
    says = f"Its helper was not run. It is run at each use from now on: {helper}"
    return replace(
        found,
        method="token_command",
        settings={**found.settings, "command": helper},
        wanted=(Wanted("token", source=f"cmd:{helper}"),),
        notes=(says, *found.notes),
    )


def _parameters(url: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(url).query)


def _secret_path(url: str) -> bool:
    return any(map(telling.random_looking, urlsplit(url).path.split("/")))


def _written(text: str) -> Parts:
    """A text of the login's own members, in whose syntax only a whole reference is known."""
    found = _REFERENCE.fullmatch(text)
    return (Ref(found[1] or found[2]),) if found else (text,) if text else ()


def _cannot(path: Path, server: str, why: str, fix: str) -> NoReturn:
    raise FileProblem(
        "entry-not-imported",
        f"No connection is made of `{server}`: {why}.",
        str(path),
        [fix, "It stays as it is."],
    )
