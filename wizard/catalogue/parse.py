"""From the text of one description to a `Service`, strictly.

`docs/adding-a-service.md` says how a description is written.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, NoReturn, TypeVar

from wizard.methods import kinds, templates
from wizard.services import (
    Environment,
    Field,
    LiveTest,
    Method,
    Preset,
    Scope,
    Service,
    SetupGuide,
    Templates,
    Tool,
)

from .reader import Source, Table, fault, quoted

_Named = TypeVar("_Named", Environment, Field, Method, Preset, Scope)

COMMANDS: Final = frozenset(
    [
        *(
            "setup",
            "test",
            "doctor",
            "token",
            "files",
            "causes",
            "services",
            "clients",
            "connections",
            "login",
        ),
        *("logout", "refresh", "rotate", "export", "import", "bundle", "stores", "secret", "headers", "exec"),
        *("share", "vault", "guide", "audit", "watch", "sandbox", "completion"),
    ]
)
"""The words of the command line: `authwizard WORD` must stay what it is."""

_ID: Final = re.compile(r"[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*")
_FIELD_ID: Final = re.compile(r"[a-z][a-z0-9_]*|(?:header|query)\.[A-Za-z0-9_.\-]+")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_WORD: Final = re.compile(r"\S+")
_URL: Final = re.compile(r"https?://[^\s/@?#]+(?:/[^\s?#]*)?")
_PATH: Final = re.compile(r"/[^\s?#]*")
_LINK: Final = re.compile(r"https?://\S+")
_SOURCE: Final = re.compile(r"(?:file|env):\S.*")
_AT: Final = re.compile(r"\(at line (\d+), column \d+\)")
_WORDS_OF_COMMAND: Final = frozenset({"python", "url"})


def parse(text: str, name: str) -> Service:
    """A service, from the text of its description. ``name`` is the file's, for messages.

    Raises:
        CatalogueError: the first thing at fault; its detail is ``name:LINE: what was found; expected ...``.
    """
    return read(text, name)[0]


def read(text: str, name: str) -> tuple[Service, str]:
    """As `parse`, and the id of the built-in service that it declares to replace (empty: none)."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT.search(str(error))
        line = int(found[1]) if found else max(1, len(text.splitlines()))
        said = re.sub(r"\s*\(at .*\)$", "", str(error))
        raise fault(name, line, f"not TOML ({said})", "TOML, as docs/adding-a-service.md shows it") from error
    except RecursionError:
        raise fault(name, 1, "tables within tables without end", "TOML, a few levels deep") from None
    return _service(Table(Source(name, text), data))


def _service(t: Table) -> tuple[Service, str]:
    id = t.shaped("id", _ID, "small letters, digits and -, beginning with a letter")
    if id in COMMANDS:
        t.fault("id", f"`id` is {quoted(id)}, a command of authwizard", "another name")
    replaces = t.text("replaces", "")
    if replaces not in ("", id):
        t.fault("replaces", f"`replaces` is {quoted(replaces)}", f"its own id, {quoted(id)}")
    entry = t.text("entry", among=("remote", "stdio"))
    fields = _unique("fields", [(_field(f), f) for f in t.tables("fields")])
    methods = _unique("methods", [(_method(m, fields), m) for m in t.tables("methods")])
    if not methods:
        t.fault("methods", "no method", "at least one, under [[methods]]")
    scopes = _unique("scopes", [(_scope(s), s) for s in t.tables("scopes")])
    known = [s.id for s in scopes]
    service = Service(
        id=id,
        title=t.text("title"),
        summary=t.text("summary"),
        entry=entry,
        speaks=t.text("speaks", among=("mcp", "api")),
        environments=_unique(
            "environments", [(_environment(e, methods, fields), e) for e in t.tables("environments")]
        ),
        methods=methods,
        scopes=scopes,
        tools=tuple(_tool(x, known) for x in t.tables("tools")),
        presets=_unique("presets", [(_preset(p, known), p) for p in t.tables("presets")]),
        command=_command(t, required=entry == "stdio"),
        env=_templates(t, "env", {"url": False, **_plain(fields)}, _VARIABLE, "a variable's name"),
        fields=fields,
        live=_live(t.table("live"), methods, fields),
        headers=_templates(t, "headers", {"url": False, **_plain(fields)}, _HEADER, "a header's name"),
        needs=t.texts("needs"),
        status=t.shaped("status", _LINK, "an http(s) address", ""),
        links=_links(t),
        first_sentence=t.text("first_sentence", ""),
        source=t.text("source", ""),
    )
    for n, method in enumerate(methods):
        _used(t, service, method, n)
    if not service.environments:
        t.fault("environments", "no environment", "at least one, under [[environments]]")
    if len({x.name for x in service.tools}) < len(service.tools):
        t.fault("tools", "a tool that is there twice", "each tool once")
    t.close()
    return service, replaces


def _field(t: Table) -> Field:
    secret = t.flag("secret", False)
    found = Field(
        id=t.shaped("id", _FIELD_ID, "small letters, digits and _ (or header.NAME)"),
        title=t.text("title"),
        secret=secret,
        required=t.flag("required", True),
        default=t.text("default", ""),
        help=t.text("help", ""),
        prefix=t.text("prefix", ""),
        variable=t.shaped("variable", _VARIABLE, "a variable's name", ""),
        aliases=t.texts("aliases"),
        source=t.shaped("source", _SOURCE, "file:PATH or env:VARIABLE", ""),
        file_variable=t.shaped("file_variable", _VARIABLE, "a variable's name", ""),
        examples=t.texts("examples"),
        also=t.texts("also"),
    )
    if found.id == "url" or found.id in _WORDS_OF_COMMAND:
        t.fault("id", f"`id` is {quoted(found.id)}", "another name: this one has a meaning of its own")
    if found.also and not found.prefix:
        t.fault("also", "`also` without `prefix`", "`prefix`, the usual beginning")
    if secret and found.default:
        t.fault("default", "a default for a secret", "`source`, which says where the secret is found")
    if not secret and (found.source or found.file_variable):
        key = "source" if found.source else "file_variable"
        t.fault(key, f"`{key}` on a field that is no secret", "`default`, or secret = true")
    t.close()
    return found


def _method(t: Table, shared: tuple[Field, ...]) -> Method:
    id = t.shaped("id", _ID, "small letters, digits and _")
    kind = kinds.get(t.text("kind", among=kinds.IDS))
    own = _unique("fields", [(_field(f), f) for f in t.tables("fields")]) or kind.fields
    names = [n for f in (*own, *shared) for n in (f.id, *f.aliases)]
    if twice := next((n for n in names if names.count(n) > 1), ""):
        t.fault("fields", f"two fields called {quoted(twice)}", "each name once, aliases included")
    known = {"url": False, **_plain((*own, *shared))}
    endpoint = _template(t, "token_endpoint", {n: s for n, s in known.items() if not s})
    if endpoint:
        known |= _plain(kind.derived)
    headers = _templates(t, "headers", known, _HEADER, "a header's name")
    if not headers and all(n in known for text in kind.headers.values() for n in templates.names(text)):
        headers = kind.headers
    written = {n for text in headers.values() for n in templates.names(text)}
    own_headers = {f.id[7:]: f"{{{f.id}}}" for f in own if f.id.startswith("header.") and f.id not in written}
    headers = MappingProxyType({**headers, **own_headers})
    guide = t.table("guide")
    found = Method(
        id=id,
        kind=kind.id,
        title=t.text("title", kind.title) or kind.title,
        meaning=t.text("meaning", ""),
        fields=own,
        headers=headers,
        env=_templates(t, "env", known, _VARIABLE, "a variable's name"),
        guide=_guide(guide) if guide else SetupGuide(),
        unavailable=t.text("unavailable", ""),
        needs=t.texts("needs"),
        query=_query(t, own, known),
        token_endpoint=endpoint,
        derived=kind.derived if endpoint else (),
    )
    t.close()
    return found


def _query(t: Table, own: tuple[Field, ...], known: Mapping[str, bool]) -> Templates:
    """The parameters that a description names, and those whose name a field holds (``query.key``)."""
    found = _templates(t, "query", known, _WORD, "a parameter's name")
    written = {n for text in found.values() for n in templates.names(text)}
    free = {f.id[6:]: f"{{{f.id}}}" for f in own if f.id.startswith("query.") and f.id not in written}
    return MappingProxyType({**found, **free})


def _used(t: Table, service: Service, method: Method, number: int) -> None:
    """Each secret goes somewhere; one that goes nowhere is asked for in vain."""
    if method.unavailable or method.kind not in kinds.STATIC:
        return
    remote = {**service.headers, **method.headers}.values(), method.query.values()
    carriers = remote if service.entry == "remote" else ({**service.env, **method.env}.values(),)
    used = {n for texts in carriers for text in texts for n in templates.names(text)}
    for f in method.derived or method.fields:
        if f.secret and f.id not in used:
            where = "headers" if service.entry == "remote" else "env"
            saw = f"the secret {quoted(f.id)} of the method {quoted(method.id)} goes nowhere"
            t.source.fault(("methods", number), saw, f"{{{f.id}}} in [methods.{where}]")


def _guide(t: Table) -> SetupGuide:
    found = SetupGuide(t.texts("steps"), t.shaped("link", _LINK, "an http(s) address", ""))
    t.close()
    return found


def _environment(t: Table, methods: tuple[Method, ...], shared: tuple[Field, ...]) -> Environment:
    live = t.table("live")
    settings = t.templates("settings")
    plain = {n: f.secret for m in methods for f in (*m.fields, *shared) for n in (f.id, *f.aliases)}
    for name in settings:
        if name not in plain:
            _at(t, "settings", name, f"a setting {quoted(name)} that no method asks for", _listed(plain))
        if plain[name]:
            _at(t, "settings", name, f"a value for the secret {quoted(name)}", "no secret in a description")
    found = Environment(
        id=t.shaped("id", _ID, "small letters, digits and -"),
        title=t.text("title"),
        url=t.shaped("url", _URL, "an http(s) address without user, query and fragment", ""),
        settings=settings,
        command=_command(t, required=False),
        live=_live(live, methods, shared) if live else None,
        help=t.text("help", ""),
        speaks=t.text("speaks", "", among=("mcp", "api")),
        methods=_among(t, "methods", [m.id for m in methods]),
    )
    t.close()
    return found


def _live(t: Table | None, methods: tuple[Method, ...], shared: tuple[Field, ...]) -> LiveTest:
    if t is None:
        return LiveTest()
    headers: dict[str, Templates] = {}
    if by_method := t.table("headers"):
        for id in by_method.names():
            method = next((m for m in methods if m.id == id), None)
            if method is None:
                by_method.fault(id, f"headers for the method {quoted(id)}", _listed(m.id for m in methods))
            known = {"url": False, **_plain((*method.fields, *shared))}
            headers[id] = _templates(by_method, id, known, _HEADER, "a header's name")
    found = LiveTest(
        health=t.shaped("health", _PATH, "a path that begins with /", ""),
        check=t.shaped("check", _PATH, "a path that begins with /", ""),
        headers=MappingProxyType(headers),
        scopes_at=t.text("scopes_at", ""),
        requires_auth=t.maybe("requires_auth"),
        scopes_header=t.shaped("scopes_header", _HEADER, "a header's name", ""),
        ok_at=t.text("ok_at", ""),
        error_at=t.text("error_at", ""),
        errors=t.templates("errors"),
        needs_at=t.text("needs_at", ""),
        needs_header=t.shaped("needs_header", _HEADER, "a header's name", ""),
        needs_any=t.flag("needs_any", False),
    )
    t.close()
    return found


def _scope(t: Table) -> Scope:
    found = Scope(t.shaped("id", _WORD, "a scope's name, without spaces"), t.text("title", ""))
    t.close()
    return found


def _tool(t: Table, known: list[str]) -> Tool:
    found = Tool(
        t.shaped("name", _WORD, "a tool's name, without spaces"), _scopes(t, known), t.text("title", "")
    )
    t.close()
    return found


def _preset(t: Table, known: list[str]) -> Preset:
    found = Preset(t.shaped("id", _ID, "small letters, digits and -"), t.text("title"), _scopes(t, known))
    t.close()
    return found


def _scopes(t: Table, known: list[str]) -> tuple[str, ...]:
    scopes = t.texts("scopes", None)
    for scope in scopes:
        if scope not in known:
            expected = _listed(known) if known else "a scope that stands under [[scopes]]"
            t.fault("scopes", f"an unknown scope {quoted(scope)}", expected, scope)
    return scopes


def _command(t: Table, *, required: bool) -> tuple[str, ...]:
    words = t.texts("command", None if required else ())
    for word in words:
        try:
            unknown = [n for n in templates.names(word) if n not in _WORDS_OF_COMMAND]
        except ValueError:
            unknown = [word]
        if unknown:
            t.fault(
                "command", f"{quoted(unknown[0])} in a command", "{python} or {url} as its only fields", word
            )
    return words


def _templates(t: Table, key: str, known: Mapping[str, bool], form: re.Pattern[str], what: str) -> Templates:
    found = t.templates(key)
    for name, text in found.items():
        if not form.fullmatch(name):
            _at(t, key, name, f"{quoted(name)}", what)
        try:
            unknown = [n for n in templates.names(text) if n not in known]
        except ValueError as error:
            _at(t, key, name, f"{error} in {quoted(text)}", "a field's name in braces, such as {token}")
        if unknown:
            _at(t, key, name, f"an unknown field {quoted(unknown[0])} in a template", _listed(known))
    return found


def _template(t: Table, key: str, known: Mapping[str, bool]) -> str:
    """One template; empty where there is none."""
    text = t.text(key, "")
    try:
        unknown = [n for n in templates.names(text) if n not in known]
    except ValueError as error:
        t.fault(key, f"{error} in {quoted(text)}", "a field's name in braces, such as {realm}")
    if unknown:
        t.fault(key, f"an unknown field {quoted(unknown[0])} in a template", _listed(known))
    return text


def _links(t: Table) -> Mapping[str, str]:
    found = t.templates("links")
    for title, address in found.items():
        if not _LINK.fullmatch(address):
            _at(t, "links", title, f"{quoted(address)}", "an http(s) address")
    return found


def _among(t: Table, key: str, known: list[str]) -> tuple[str, ...]:
    found = t.texts(key)
    for name in found:
        if name not in known:
            t.fault(key, f"an unknown method {quoted(name)}", _listed(known), name)
    return found


def _at(t: Table, key: str, name: str, saw: str, expected: str) -> NoReturn:
    t.source.fault((*t.path, key, name), saw, expected)


def _plain(fields: Iterable[Field]) -> dict[str, bool]:
    return {f.id: f.secret for f in fields}


def _listed(names: Iterable[str]) -> str:
    return f"one of {', '.join(names)}"


def _unique(key: str, found: list[tuple[_Named, Table]]) -> tuple[_Named, ...]:
    """The things themselves, once it is sure that no two have one id."""
    seen: set[str] = set()
    for thing, place in found:
        if thing.id in seen:
            place.fault("id", f"the id {quoted(thing.id)} a second time under [[{key}]]", "each id once")
        seen.add(thing.id)
    return tuple(thing for thing, _ in found)
