"""From what stands in an entry to a method and its fields. Pure, but for the environment that is given."""

from __future__ import annotations

import base64
import binascii
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from wizard import telling
from wizard.entries import OwnLogin
from wizard.methods.kind import HEADER, QUERY, VARIABLE
from wizard.secret import Secret

from .marks import Ref, filled
from .model import Made, Wanted

Parts = tuple[str | Ref, ...]
REMOTE: Final = "mcp"
PROGRAM: Final = "program"

_AUTHORIZATION: Final = "authorization"
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]*) +(\S.*)", re.DOTALL)
_BEFORE: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]*) +")


@dataclass(frozen=True, slots=True)
class Value:
    """One value of an entry: ``scheme`` is the word before it (``Bearer``), the rest is as in `Wanted`."""

    name: str
    scheme: str = ""
    source: str = ""
    secret: Secret | None = None
    literal: bool = False
    asked: str = ""
    note: str = ""

    def wanted(self, field: str) -> Wanted:
        """It for a field, without its scheme."""
        return Wanted(field, self.source, self.secret, self.literal, self.asked)


def value(name: str, parts: Parts, environ: Mapping[str, str], *, header: bool) -> Value:
    """A secret value, from its parts. A reference that stands alone, or behind a scheme, stays one; of another text
    with one in it the value is what it is now."""
    first = parts[0] if parts else ""
    match parts:
        case (Ref() as ref,):
            return _referred(Value(name), ref)
        case (str() as before, Ref() as ref) if header and (found := _BEFORE.fullmatch(before)):
            return _referred(Value(name, found[1]), ref)
    text = filled(parts, environ)
    if text is None:
        names = ", ".join(p.name for p in parts if isinstance(p, Ref) and p.name not in environ)
        return Value(name, asked=f"it is made of {names}, which is not set here")
    copied = "" if all(isinstance(p, str) for p in parts) else _copied(name)
    found = _SCHEME.fullmatch(text) if header and isinstance(first, str) else None
    if found:
        return Value(name, found[1], secret=Secret(found[2]), literal=not copied, note=copied)
    return Value(name, secret=Secret(text), literal=not copied, note=copied)


def remote(
    url: str,
    headers: Mapping[str, Parts],
    query: Mapping[str, Parts],
    transport: str,
    environ: Mapping[str, str],
) -> Made:
    """A remote server: its credential is what is not known to be harmless."""
    settings: dict[str, str] = {"transport": "sse"} if transport == "sse" else {}
    held: list[Value] = []
    for name, parts in headers.items():
        text = filled(parts, environ)
        only_text = all(isinstance(p, str) for p in parts)
        if only_text and not text:
            continue
        if only_text and text is not None and telling.is_plain(name, text):
            settings[f"{HEADER}{name}"] = text
        else:
            held.append(value(name, parts, environ, header=True))
    keys = [value(name, parts, environ, header=False) for name, parts in query.items() if parts]
    notes = tuple(v.note for v in (*held, *keys) if v.note)
    match held, keys:
        case [], []:
            made = Made(REMOTE, url, "none", settings)
        case [one], []:
            made = _one_header(Made(REMOTE, url, "", settings), one)
        case [], [one]:
            made = Made(REMOTE, url, "api_key_query", settings, (one.wanted(f"{QUERY}{one.name}"),))
        case _:
            made = _several(Made(REMOTE, url, "headers", settings), held, keys, environ)
    return replace(made, notes=(*made.notes, *notes))


def with_login(made: Made, login: OwnLogin, secret: Parts, environ: Mapping[str, str]) -> Made:
    """The same where the client logs in by itself, with what its entry says for that."""
    port = (
        {"redirect_uri": f"http://localhost:{login.port}/callback"} if login.port != OwnLogin().port else {}
    )
    client = {"client_id": login.client_id} if login.client_id else {}
    scope = {"scope": " ".join(login.scopes)} if login.scopes else {}
    own = value("client_secret", secret, environ, header=False).wanted("client_secret") if secret else None
    return replace(
        made,
        method="authorization_code",
        settings={**made.settings, **client, **scope, **port},
        wanted=(own,) if own else (),
    )


def program(words: tuple[str, ...], env: Mapping[str, Parts], environ: Mapping[str, str]) -> Made:
    """A program that the client starts; its arguments have been looked at."""
    settings = {"command": shlex.join(words)}
    wanted: list[Wanted] = []
    notes: list[str] = []
    for name, parts in env.items():
        text = filled(parts, environ)
        alone = len(parts) == 1 and isinstance(parts[0], Ref)
        told = any(isinstance(p, Ref) and telling.tells(p.name) for p in parts)
        if text is not None and not alone and not told and telling.is_plain(name, text):
            settings[f"{VARIABLE}{name}"] = text
            continue
        found = value(name, parts, environ, header=False)
        wanted.append(found.wanted(f"{VARIABLE}{name}"))
        notes += [found.note] if found.note else []
    return Made(PROGRAM, "", "variables" if wanted else "none", settings, tuple(wanted), tuple(notes))


def _referred(found: Value, ref: Ref) -> Value:
    if ref.asked:
        return replace(found, asked="its client asks for it")
    return replace(found, source=f"env:{ref.name}")


def _copied(name: str) -> str:
    return f"`{name}` is made of a text and a variable: what it is now is kept, not the reference."


def _one_header(made: Made, one: Value) -> Made:
    """One header: by the scheme that it has."""
    own = one.name.lower() == _AUTHORIZATION
    scheme = one.scheme.lower()
    if not scheme:
        return replace(made, method="api_key_header", wanted=(one.wanted(f"{HEADER}{one.name}"),))
    if own and scheme == "bearer":
        return replace(made, method="bearer", wanted=(one.wanted("token"),))
    if own and scheme == "basic" and one.secret is not None and (pair := _basic(one.secret)):
        user, password = pair
        settings = {**made.settings, "username": user}
        return replace(
            made,
            method="basic",
            settings=settings,
            wanted=(replace(one, secret=password).wanted("password"),),
        )
    named = {} if own else {"header_name": one.name}
    settings = {**made.settings, "scheme": one.scheme, **named}
    return replace(made, method="api_key_custom", settings=settings, wanted=(one.wanted("token"),))


def _basic(secret: Secret) -> tuple[str, Secret] | None:
    """User name and password of RFC 7617; None where it is none, or would not be the same when it is made again."""
    text = secret.reveal().strip()
    try:
        user, colon, password = base64.b64decode(text, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        return None
    again = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
    return (user, Secret(password)) if colon and user.isprintable() and user and again == text else None


def _several(made: Made, held: Iterable[Value], keys: Iterable[Value], environ: Mapping[str, str]) -> Made:
    """Several at once: each is a whole value. A reference behind a scheme can stay one only as the bearer token."""
    held = tuple(held)
    bearer = next(
        (v for v in held if v.name.lower() == _AUTHORIZATION and v.scheme.lower() == "bearer" and v.source),
        None,
    )
    wanted = [bearer.wanted("token")] if bearer else []
    notes: list[str] = []
    for one in held:
        if one is bearer:
            continue
        field = f"{HEADER}{one.name}"
        if not one.scheme:
            wanted.append(one.wanted(field))
        elif one.secret is not None:
            wanted.append(replace(one.wanted(field), secret=one.secret.map(f"{one.scheme} ")))
        elif one.source and (now := environ.get(one.source.removeprefix("env:"))):
            wanted.append(Wanted(field, secret=Secret(f"{one.scheme} {now}")))
            notes.append(_copied(one.name))
        else:
            why = one.asked or f"{one.source.removeprefix('env:')} is not set here"
            wanted.append(Wanted(field, asked=why, prefix=f"{one.scheme} "))
    wanted += [v.wanted(f"{QUERY}{v.name}") for v in keys]
    whole = {} if bearer else {"header_names": ", ".join(v.name for v in held)}
    method = "bearer" if bearer else "headers"
    return replace(
        made, method=method, settings={**made.settings, **whole}, wanted=tuple(wanted), notes=tuple(notes)
    )
