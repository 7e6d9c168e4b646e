"""What a method asks a person for, what is still missing, and why it cannot be used."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from wizard.names import LOGIN
from wizard.services import Field, Method, Service
from wizard.urls import is_loopback

from . import kinds
from .kind import HEADER

_SPACES: Final = re.compile(r"[\s,;]+")


def fields(service: Service, method: Method, settings: Mapping[str, str]) -> tuple[Field, ...]:
    """What is asked for: the method's fields, the service's, and one for each header or variable that was named."""
    own: list[Field] = []
    kind = kinds.get(method.kind)
    if kind.only_own and kind.free:
        names = dict.fromkeys(n.strip(":") for n in _SPACES.split(settings.get(kind.free.field, "")) if n)
        begins = kind.free.begins
        says = f"The whole value of that {'header' if begins == HEADER else 'variable'}, sent as it stands."
        own = [Field(f"{begins}{n}", n, secret=f"{begins}{n}" not in settings, help=says) for n in names if n]
    return (*method.fields, *own, *service.fields)


def takes(service: Service, method: Method, name: str) -> bool:
    """Whether the method has a use for a field of this name: asked for, derived, or the person's own."""
    kind = kinds.get(method.kind)
    if any(name == f.id or name in f.aliases for f in service.all_fields(method)):
        return True
    derives = kind.derives_here or kind.flows
    if name == kind.named_by or (derives and any(name == f.id for f in method.derived)):
        return True
    if (kind.person and name == LOGIN) or name in kind.instead.values():
        return True
    return bool(kind.free and kind.free.field and name.startswith(kind.free.begins))


def refusal(method: Method, url: str, allow: AbstractSet[str] = frozenset()) -> str:
    """Why this method cannot be used at this address, in a sentence; empty when it can.

    ``allow`` are the leniencies that the person named; ``http`` lets a credential go over plain http.
    """
    if method.unavailable:
        return method.unavailable
    if method.kind not in kinds.READY and method.login is None:
        return f"This version cannot sign in by {method.title} yet."
    return "" if method.kind == "none" else in_clear(url, allow)


def in_clear(url: str, allow: AbstractSet[str] = frozenset()) -> str:
    """Why no credential may go to this address, in a sentence: anybody on the way could read it; empty when it may."""
    if url.lower().startswith("http:") and "http" not in allow and not is_loopback(url):
        return (
            "Over plain http anyone on the way could read the credential: use https, or allow `http` by name."
        )
    return ""


def missing(
    service: Service, method: Method, settings: Mapping[str, str], have_secrets: AbstractSet[str]
) -> tuple[Field, ...]:
    """The fields that still have to be filled. A secret that has a default source (a token file) is not missing."""
    kind = kinds.get(method.kind)
    known = sources(service, method, settings)
    given = have_secrets | known.keys()
    derives = kind.derives_here or kind.flows
    derived = {f.id for f in method.derived} if derives else frozenset[str]()
    if derived and derived <= have_secrets:
        return ()
    stood_in = kind.free.field if kind.free and any(n.startswith(kind.free.begins) for n in given) else ""
    if kind.only_own and kind.free:
        begins = kind.free.begins
        if any(name.startswith(begins) and text.strip() for name, text in settings.items()):
            stood_in = kind.free.field
    found: list[Field] = []
    for f in fields(service, method, settings):
        if not f.required or f.id == stood_in or kind.instead.get(f.id) in given:
            continue
        names = {f.id, *f.aliases}
        if f.secret:
            if not (names & given):
                found.append(f)
        elif not (f.default or any(settings.get(n, "").strip() for n in names)):
            found.append(f)
    return tuple(found)


def sources(
    service: Service,
    method: Method,
    settings: Mapping[str, str],
    environ: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Where a secret is found without being asked for: SOURCE by field.

    In this order: the setting that is short for it (``token_file``, ``command``), the variable that the service's
    own program reads (``FLEET_MCP_AUTH_TOKEN_FILE``), the documented place.
    """
    environ = os.environ if environ is None else environ
    kind = kinds.get(method.kind)
    named = settings.get(kind.named_by, "").strip() if kind.named_by else ""
    found: dict[str, str] = {}
    for f in (*service.all_fields(method), *method.derived):
        if not f.secret:
            continue
        from_variable = environ.get(f.file_variable, "").strip() if f.file_variable else ""
        if named:
            found[f.id] = named if named.startswith(kind.source) else f"{kind.source}{named}"
        elif from_variable:
            found[f.id] = from_variable if from_variable.startswith("file:") else f"file:{from_variable}"
        elif f.source:
            found[f.id] = f.source
    return found
