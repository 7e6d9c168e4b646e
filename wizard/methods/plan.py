"""From a service's description and a person's choices to headers, variables and slots."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from wizard.entries import EntryPlan, Part, RemotePlan, Slot, StdioPlan, Value, fill
from wizard.errors import UsageError
from wizard.secret import Secret
from wizard.services import Environment, Field, Method, Service, Templates
from wizard.urls import is_loopback

from . import api_key_header, kinds, token_file
from .templates import parts

_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_OWN: Final = "header."
TOKEN_ENDPOINT: Final = "token_endpoint"  # noqa: S105  # a field's name


def headers(
    service: Service,
    environment: Environment,
    method: Method,
    settings: Mapping[str, str],
    secrets: Mapping[str, Secret],
) -> dict[str, Secret]:
    """What goes to the service's HTTP API or MCP endpoint, secrets filled in; a header without its secret is left out.

    For a stdio service only what a live test's description names: how its program talks to the API is its own.

    Raises:
        UsageError: a header's name or value that cannot be sent.
    """
    url = environment.url
    values = _headers(_Choice(service, environment, method, settings, url), secrets)
    complete = {
        name: value
        for name, value in values.items()
        if all(isinstance(part, str) or part.field in secrets for part in value)
    }
    return {name: fill(value, secrets) for name, value in complete.items()}


def entry_plan(
    service: Service,
    environment: Environment,
    method: Method,
    *,
    name: str,
    url: str,
    settings: Mapping[str, str],
    secret_fields: Collection[str] = (),
) -> EntryPlan:
    """What a client's config is to hold for this connection, with slots where secrets go.

    A template all of whose fields are empty is left out. ``secret_fields`` are the fields a secret was given for:
    needed for those that are not required, and those that a person named (``header.X-Company-Key``).
    ``settings["transport"]`` may be ``sse``, for a server that speaks only the legacy transport.

    Raises:
        UsageError: a header's name or value that cannot be sent, a transport that does not exist.
    """
    url = url or environment.url
    choice = _Choice(service, environment, method, settings, url, name)
    if service.entry == "stdio":
        env = _render({**service.env, **method.env}, choice, secret_fields)
        command = environment.command or service.command
        texts = {"python": sys.executable, "url": url}
        started = tuple("".join(texts[t] if f else t for t, f in parts(word)) for word in command)
        return StdioPlan(name, started, env)
    found = _headers(choice, secret_fields)
    query = _render(method.query, choice, secret_fields)
    return RemotePlan(name, _asked(choice), found, _transport(settings), query)


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
    made = re.sub(r"[^A-Z0-9]", "_", f"{connection}_{field.removeprefix(_OWN)}".upper())
    if made[:1].isdigit():
        made = f"_{made}"
    return f"AUTHWIZARD_{made}" if made in documented else made


def refusal(method: Method, url: str, allow: AbstractSet[str] = frozenset()) -> str:
    """Why this method cannot be used at this address, in a sentence; empty when it can.

    ``allow`` are the leniencies that the person named; ``http`` lets a credential go over plain http.
    """
    if method.unavailable:
        return method.unavailable
    if method.kind not in kinds.STATIC:
        return f"This version cannot sign in by {method.title} yet."
    sends = any(f.secret for f in method.fields)
    if sends and url.lower().startswith("http:") and "http" not in allow and not is_loopback(url):
        return (
            "Over plain http anyone on the way could read the credential: use https, or allow `http` by name."
        )
    return ""


def texts(
    service: Service, environment: Environment, method: Method, url: str, settings: Mapping[str, str]
) -> dict[str, str]:
    """Every text in force by its field: a setting that was typed, else the deployment's, else the field's default."""
    asked = _texts(_Choice(service, environment, method, settings, url or environment.url))
    return {**environment.settings, **settings, **{name: text for name, text in asked.items() if text}}


def endpoint_of(
    service: Service, environment: Environment, method: Method, url: str, settings: Mapping[str, str]
) -> str:
    """The address where the method's secrets are exchanged; the setting ``token_endpoint`` replaces the service's.

    Empty where the method exchanges nothing, or a field that the address is made of is empty.
    """
    known = texts(service, environment, method, url, settings)
    if not method.token_endpoint:
        return ""
    if named := known.get(TOKEN_ENDPOINT, "").strip():
        return named
    pieces = parts(method.token_endpoint)
    values = [known.get(text, "").strip().rstrip("/") if is_field else text for text, is_field in pieces]
    return "".join(values) if all(values) else ""


def missing(
    service: Service, method: Method, settings: Mapping[str, str], have_secrets: AbstractSet[str]
) -> tuple[Field, ...]:
    """The fields that still have to be filled. A secret that has a default source (a token file) is not missing."""
    free = kinds.get(method.kind).free_header
    known = sources(service, method, settings)
    found: list[Field] = []
    for f in service.all_fields(method):
        if not f.required:
            continue
        names = {f.id, *f.aliases}
        if f.secret:
            chosen = f.id == free and any(name.startswith(_OWN) for name in have_secrets)
            if not (chosen or names & have_secrets or f.id in known):
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

    For a token file, in this order: the setting ``token_file``, the variable that the service's own program reads
    (``FLEET_MCP_AUTH_TOKEN_FILE``), the documented place.
    """
    environ = os.environ if environ is None else environ
    found: dict[str, str] = {}
    for f in service.all_fields(method):
        if not f.secret:
            continue
        named = settings.get(token_file.SETTING, "").strip() if method.kind == token_file.KIND.id else ""
        from_variable = environ.get(f.file_variable, "").strip() if f.file_variable else ""
        if path := named or from_variable:
            found[f.id] = path if path.startswith("file:") else f"file:{path}"
        elif f.source:
            found[f.id] = f.source
    return found


@dataclass(frozen=True, slots=True)
class _Choice:
    """What was chosen, as far as headers and variables depend on it; ``name`` is the connection's."""

    service: Service
    environment: Environment
    method: Method
    settings: Mapping[str, str]
    url: str
    name: str = ""

    def slot(self, field: str) -> Slot:
        return Slot(field, variable_of(self.service, self.method, self.name, field))


def _asked(c: _Choice) -> str:
    """The address that is asked: the one typed, or what the service makes of it. One that is whole stays as it is."""
    template = c.service.endpoint_at(c.environment)
    if not template:
        return c.url
    known = _texts(c)
    tail = "".join(
        known.get(text, "").strip().strip("/") if is_field else text for text, is_field in parts(template)[1:]
    )
    base = c.url.rstrip("/")
    return base if base.endswith(tail) else base + tail


def _texts(c: _Choice) -> dict[str, str]:
    """The text of each field that is no secret: as typed, else the deployment's, else the default."""
    found = {"url": c.url}
    for f in c.service.all_fields(c.method):
        if not f.secret:
            names = (f.id, *f.aliases)
            here = c.environment.settings_at(c.url)
            given = (t[n].strip() for t in (c.settings, here) for n in names if n in t)
            found[f.id] = next((text for text in given if text), f.default)
    return found


def _render(templates: Templates, c: _Choice, secret_fields: Collection[str]) -> dict[str, Value]:
    """Each template as a value; one that names fields, all of them empty, is left out."""
    fields = (*c.service.all_fields(c.method), *c.method.derived)
    secret = {f.id for f in fields if f.secret and (f.required or f.id in secret_fields)}
    texts = _texts(c)
    found: dict[str, Value] = {}
    for name, template in templates.items():
        pieces = parts(template)
        value: list[Part] = []
        for text, is_field in pieces:
            if is_field:
                value.append(c.slot(text) if text in secret else texts.get(text, ""))
            else:
                value.append(text)
        filled = [part for part, (_, is_field) in zip(value, pieces, strict=True) if is_field]
        if not filled or any(filled):
            found[name] = tuple(part for part in value if part)
    return found


def _headers(c: _Choice, secret_fields: Collection[str]) -> dict[str, Value]:
    live = c.service.live_at(c.environment)
    templates = live.headers.get(c.method.id)
    if templates is None:
        templates = {**c.service.headers, **c.method.headers} if c.service.entry == "remote" else {}
    found = _render(templates, c, secret_fields)
    free = kinds.get(c.method.kind).free_header
    own = [name for name in secret_fields if name.startswith(_OWN)]
    if free and c.method.field(free):
        written = free.removeprefix(_OWN)
        value = found.pop(written, ())
        if free in own or not own:
            found[_texts(c).get(api_key_header.NAME_FIELD) or written] = value
    if c.service.entry == "remote":
        for name in own:
            if name != free:
                _put(found, name, (c.slot(name),))
        for name, text in c.settings.items():
            if name.startswith(_OWN) and text.strip() and name not in own:
                _put(found, name, (text.strip(),))
    for name, value in found.items():
        _check(name, value)
    return found


def _transport(settings: Mapping[str, str]) -> str:
    wanted = settings.get("transport", "").strip().lower() or "http"
    if wanted not in ("http", "sse"):
        fix = ["Leave it out, or give sse for a server that speaks only the older HTTP+SSE."]
        raise UsageError(
            "unknown-transport", "There is no such transport.", "It is neither http nor sse.", fix
        )
    return wanted


def _put(found: dict[str, Value], field: str, value: Value) -> None:
    """Set a header by its field's name; a header's name is the same in capitals and in small letters."""
    name = field.removeprefix(_OWN)
    for other in [other for other in found if other.lower() == name.lower()]:
        del found[other]
    found[name] = value


def _check(name: str, value: Value) -> None:
    if not _HEADER_NAME.fullmatch(name):
        raise UsageError(
            "header-invalid",
            "That is not the name of a header.",
            "A header's name is made of letters, digits and - only.",
            ["Give the name as the service's documentation writes it, such as X-API-Key."],
        )
    if any(isinstance(part, str) and not part.isprintable() for part in value):
        raise UsageError(
            "header-invalid",
            f"The value of the header {name} cannot be sent.",
            "It holds a line break or a control character.",
            ["Copy it again, on one line."],
        )
