"""From a service's description and a person's choices to headers, variables and slots."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import urljoin, urlsplit

from wizard.choice import Choice
from wizard.entries import EntryPlan, OwnLogin, Part, RemotePlan, Slot, StdioPlan, Value, fill
from wizard.errors import UsageError
from wizard.secret import Secret
from wizard.services import Method, Service, Templates

from . import kinds
from .kind import HEADER, QUERY, VARIABLE
from .templates import parts

_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_PARAMETER_NAME: Final = re.compile(r"[^\s&=#?%\x00-\x1f\x7f]+")
COMMAND: Final = "{command}"
TOKEN_ENDPOINT: Final = "token_endpoint"  # noqa: S105  # a field's name


def headers(c: Choice) -> dict[str, Secret]:
    """What goes to the service's HTTP API or MCP endpoint, secrets filled in; a header without its secret is left out.

    For a stdio service only what a live test's description names: how its program talks to the API is its own.

    Raises:
        UsageError: a header's name or value that cannot be sent.
    """
    secrets = derived(c)
    complete = {
        name: value
        for name, value in _headers(replace(c, secrets=secrets)).items()
        if all(isinstance(part, str) or part.field in secrets for part in value)
    }
    return {name: fill(value, secrets) for name, value in complete.items()}


def entry_plan(c: Choice) -> EntryPlan:
    """What a client's config is to hold for this connection, with slots where secrets go.

    A template all of whose fields are empty is left out. A secret that is not required has its slot only where one
    was given, and so has a header of the person's own (``header.X-Company-Key``).
    ``settings["transport"]`` may be ``sse``, for a server that speaks only the legacy transport.

    Raises:
        UsageError: a header's name or value that cannot be sent, a transport that does not exist.
    """
    url = c.address
    if c.service.entry == "stdio":
        env = {**_render({**c.service.env, **c.method.env}, c), **_own_variables(c)}
        return StdioPlan(c.name, _started(c, url), env)
    found = _headers(c)
    query = _query(c)
    asked, speaks, where = _asked(c), c.speaks, _where(c)
    base = where if speaks == "api" and asked != where else ""
    return RemotePlan(c.name, asked, found, _transport(c.settings), query, speaks, base, _own_login(c))


def _started(c: Choice, url: str) -> tuple[str, ...]:
    """The words of a service's program. ``{command}`` stands for all the words of the setting of that name, which is
    written as for a shell, and read by none."""
    known = {"python": sys.executable, "url": url}
    words: list[str] = []
    for word in c.environment.command or c.service.command:
        if word == COMMAND:
            words += shlex.split(c.settings.get("command", ""))
        else:
            words.append("".join(known[t] if f else t for t, f in parts(word)))
    return tuple(words)


def _own_variables(c: Choice) -> dict[str, Value]:
    """A program's variables that are the person's own, plain ones and secret ones."""
    found: dict[str, Value] = {
        name.removeprefix(VARIABLE): (text,)
        for name, text in c.settings.items()
        if name.startswith(VARIABLE) and name not in c.given
    }
    own = sorted(name for name in c.given if name.startswith(VARIABLE))
    return {**found, **{name.removeprefix(VARIABLE): (_slot(c, name),) for name in own}}


def _own_login(c: Choice) -> OwnLogin | None:
    """What a client needs that logs in by itself; None where nobody logs in."""
    if not kinds.get(c.method.kind).person or c.speaks != "mcp":
        return None
    known = texts(c)
    try:
        port = urlsplit(known.get("redirect_uri", "")).port
    except ValueError:
        port = None
    scopes = tuple(dict.fromkeys((*known.get("scope", "").split(), *c.scopes)))
    secret = "client_secret" in c.given
    return OwnLogin(known.get("client_id", "").strip(), port or OwnLogin().port, scopes, secret)


def variable_of(service: Service, method: Method, connection: str, field: str) -> str:
    """The environment variable by which a client refers to a connection's secret.

    It is ``<CONNECTION>_<FIELD>`` in capitals, other characters than letters and digits as ``_``: several tenants
    of one service then never share one. Only the connection that is called as its service is takes the variable
    that the service's document names (``FAOS_API_TOKEN``), and no other connection gets that one.
    """
    fields = {f.id: f for f in service.all_fields(method)}
    documented = {f.variable for m in service.methods for f in service.all_fields(m) if f.variable}
    own = fields[field].variable if field in fields else ""
    if connection == service.id and own:
        return own
    made = re.sub(r"[^A-Z0-9]", "_", f"{connection}_{_bare(field)}".upper())
    if made[:1].isdigit():
        made = f"_{made}"
    return f"AUTHWIZARD_{made}" if made in documented else made


def texts(c: Choice) -> dict[str, str]:
    """Every text in force by its field: a setting that was typed, else the deployment's, else the field's default."""
    return {
        **c.environment.settings_at(c.url),
        **c.settings,
        **{name: text for name, text in _texts(c).items() if text},
    }


def derived(c: Choice) -> dict[str, Secret]:
    """The secrets, and those that are computed from them on this machine. One that was given stays as it is.

    Raises:
        UsageError: what was given cannot be sent, such as a user name with a colon.
    """
    kind = kinds.get(c.method.kind)
    if kind.check:
        kind.check(texts(c))
    if kind.compute is None or not c.method.derived:
        return dict(c.secrets)
    return {**kind.compute(texts(c), c.secrets), **c.secrets}


def endpoint_of(c: Choice) -> str:
    """The address where the method's secrets are exchanged; the setting ``token_endpoint`` replaces the service's.

    Empty where the method exchanges nothing, or a field that the address is made of is empty.
    """
    template = c.method.token_endpoint
    if not template:
        return ""
    known = texts(c)
    if named := known.get(TOKEN_ENDPOINT, "").strip():
        return named
    values = [
        known.get(text, "").strip().rstrip("/") if is_field else text for text, is_field in parts(template)
    ]
    return "".join(values) if all(values) else ""


def resource_of(c: Choice) -> str:
    """The address that is asked: the protected resource that a token is for (RFC 9728)."""
    return _asked(c)


def base_of(c: Choice) -> str:
    """The address without what the service's ``endpoint`` adds to it, whichever of the two was typed."""
    return c.address.rstrip("/").removesuffix(_tail(c) or "/")


def _slot(c: Choice, field: str) -> Slot:
    fresh = any(f.id == field for f in c.method.derived) and not kinds.get(c.method.kind).compute
    return Slot(field, variable_of(c.service, c.method, c.name, field), fresh)


def _asked(c: Choice) -> str:
    """The address that is asked: an API's base answers nothing of use, so there it is the check that is documented."""
    where = _where(c)
    check = c.service.live_at(c.environment).check
    return urljoin(where, check) if where and check and c.speaks == "api" else where


def _where(c: Choice) -> str:
    """The address typed, or what the service makes of it. One that is whole stays as it is."""
    tail, base = _tail(c), c.address.rstrip("/")
    if not tail:
        return c.address
    return base if base.endswith(tail) else base + tail


def _tail(c: Choice) -> str:
    """What the service's ``endpoint`` adds to the address; nothing while all its fields are empty."""
    template = c.service.endpoint_at(c.environment)
    known = _texts(c)
    pieces = [
        (known.get(text, "").strip().strip("/") if is_field else text, is_field)
        for text, is_field in parts(template)[1:]
    ]
    named = [text for text, is_field in pieces if is_field]
    return "" if named and not any(named) else "".join(text for text, _ in pieces)


def _texts(c: Choice) -> dict[str, str]:
    """The text of each field that is no secret: as typed, else the deployment's, else the default."""
    found = {"url": c.address}
    for f in c.service.all_fields(c.method):
        if not f.secret:
            names = (f.id, *f.aliases)
            here = c.environment.settings_at(c.url)
            given = (t[n].strip() for t in (c.settings, here) for n in names if n in t)
            found[f.id] = next((text for text in given if text), f.default)
    return found


def _render(templates: Templates, c: Choice) -> dict[str, Value]:
    """Each template as a value; one that names fields, all of them empty, is left out."""
    fields = (*c.service.all_fields(c.method), *c.method.derived)
    secret = {f.id for f in fields if f.secret and (f.required or f.id in c.given)}
    texts = _texts(c)
    found: dict[str, Value] = {}
    for name, template in templates.items():
        pieces = parts(template)
        value: list[Part] = []
        for text, is_field in pieces:
            if is_field:
                value.append(_slot(c, text) if text in secret else texts.get(text, ""))
            else:
                value.append(text)
        filled = [part for part, (_, is_field) in zip(value, pieces, strict=True) if is_field]
        if not filled or any(filled):
            found[name] = tuple(part for part in value if part)
    return found


def _headers(c: Choice) -> dict[str, Value]:
    live = c.service.live_at(c.environment)
    templates = live.headers.get(c.method.id)
    if templates is None:
        templates = {**c.service.headers, **c.method.headers} if c.service.entry == "remote" else {}
    found = _named(_render(templates, c), c, HEADER)
    for name, value in found.items():
        _check(name, value)
    return found


def _query(c: Choice) -> dict[str, Value]:
    found = _named(_render(c.method.query, c), c, QUERY)
    if any(not _PARAMETER_NAME.fullmatch(name) for name in found):
        raise UsageError(
            "parameter-invalid",
            "That is not the name of a parameter of an address.",
            "It is empty, or holds a space or one of & = # ? %.",
            ["Give the name alone, as the service's documentation writes it, such as api_key."],
        )
    return found


def _named(found: dict[str, Value], c: Choice, begins: str) -> dict[str, Value]:
    """What templates gave, under the names that the person chose, with the fields that are the person's own."""
    free = kinds.get(c.method.kind).free
    own = sorted(name for name in c.given if name.startswith(begins))
    if free and free.begins == begins and free.name in found:
        chosen = _texts(c).get(free.setting) or free.name
        replaced = bool(own) and free.field not in own and c.method.field(free.field) is not None
        value = found.pop(free.name)
        if not replaced:
            _put(found, chosen, value)
    if c.service.entry == "remote":
        asked = {f.id for f in c.method.fields}
        for name in own:
            if name not in asked:
                _put(found, _bare(name), (_slot(c, name),))
        for name, text in c.settings.items():
            if name.startswith(begins) and text.strip() and name not in own:
                _put(found, _bare(name), (text.strip(),))
    return found


def _bare(field: str) -> str:
    """The name of the header, parameter or variable whose field this is."""
    return field.removeprefix(HEADER).removeprefix(QUERY).removeprefix(VARIABLE)


def _transport(settings: Mapping[str, str]) -> str:
    wanted = settings.get("transport", "").strip().lower() or "http"
    if wanted not in ("http", "sse"):
        fix = ["Leave it out, or give sse for a server that speaks only the older HTTP+SSE."]
        raise UsageError(
            "unknown-transport", "There is no such transport.", "It is neither http nor sse.", fix
        )
    return wanted


def _put(found: dict[str, Value], name: str, value: Value) -> None:
    """Set a header or parameter; a header's name is the same in capitals and in small letters."""
    for other in [other for other in found if other.lower() == name.lower()]:
        del found[other]
    found[name] = value


def check_header_name(name: str) -> None:
    """Raises: UsageError ``header-invalid``."""
    if not _HEADER_NAME.fullmatch(name):
        raise UsageError(
            "header-invalid",
            "That is not the name of a header.",
            "A header's name is made of letters, digits and - only.",
            ["Give the name as the service's documentation writes it, such as X-API-Key."],
        )


def _check(name: str, value: Value) -> None:
    check_header_name(name)
    if any(isinstance(part, str) and not part.isprintable() for part in value):
        raise UsageError(
            "header-invalid",
            f"The value of the header {name} cannot be sent.",
            "It holds a line break or a control character.",
            ["Copy it again, on one line."],
        )
