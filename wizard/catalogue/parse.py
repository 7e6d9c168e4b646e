"""From the text of one description to a `Service`, strictly.

`docs/adding-a-service.md` says how a description is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from wizard import providers
from wizard.described.reader import Table, opened, quoted
from wizard.methods import kinds
from wizard.methods import templates as syntax
from wizard.services import (
    LISTS,
    Environment,
    Field,
    LiveTest,
    Method,
    Preset,
    ProgramLogin,
    Scope,
    Service,
    SetupGuide,
    Templates,
    Tool,
)

from .pieces import (
    FIELD_ID,
    HEADER,
    ID,
    LINK,
    PATH,
    SOURCE,
    URL,
    VARIABLE,
    WORD,
    WORDS_OF_COMMAND,
    among,
    at,
    command,
    links,
    listed,
    paths,
    plain,
    template,
    templates,
    unique,
)
from .places import caches, credential_file, leg

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
        *("share", "vault", "guide", "audit", "watch", "sandbox", "completion", "registrations"),
    ]
)
"""The words of the command line: `authwizard WORD` must stay what it is."""


def parse(text: str, name: str) -> Service:
    """A service, from the text of its description. ``name`` is the file's, for messages.

    Raises:
        CatalogueError: the first thing at fault; its detail is ``name:LINE: what was found; expected ...``.
    """
    return read(text, name)[0]


def read(text: str, name: str) -> tuple[Service, str]:
    """As `parse`, and the id of the built-in service that it declares to replace (empty: none)."""
    return _service(opened(text, name))


def _service(t: Table) -> tuple[Service, str]:
    id = t.shaped("id", ID, "small letters, digits and -, beginning with a letter")
    if id in COMMANDS:
        t.fault("id", f"`id` is {quoted(id)}, a command of authwizard", "another name")
    replaces = t.text("replaces", "")
    if replaces not in ("", id):
        t.fault("replaces", f"`replaces` is {quoted(replaces)}", f"its own id, {quoted(id)}")
    entry = t.text("entry", among=("remote", "stdio"))
    fields = unique("fields", [(_field(f), f) for f in t.tables("fields")])
    methods = unique("methods", [(_method(m, fields), m) for m in t.tables("methods")])
    if not methods:
        t.fault("methods", "no method", "at least one, under [[methods]]")
    scopes = unique("scopes", [(_scope(s), s) for s in t.tables("scopes")])
    known = [s.id for s in scopes]
    for n, scope in enumerate(scopes):
        for name in scope.includes:
            if name not in known:
                t.source.fault(
                    ("scopes", n, "includes"), f"an unknown scope {quoted(name)}", listed(known), name
                )
    service = Service(
        id=id,
        title=t.text("title"),
        summary=t.text("summary"),
        entry=entry,
        speaks=t.text("speaks", among=("mcp", "api")),
        environments=unique(
            "environments", [(_environment(e, methods, fields), e) for e in t.tables("environments")]
        ),
        methods=methods,
        scopes=scopes,
        tools=tuple(_tool(x, known) for x in t.tables("tools")),
        presets=unique("presets", [(_preset(p, known), p) for p in t.tables("presets")]),
        command=command(t, required=entry == "stdio"),
        env=templates(t, "env", {"url": False, **plain(fields)}, VARIABLE, "a variable's name"),
        fields=fields,
        live=_live(t.table("live"), methods, fields),
        headers=templates(t, "headers", {"url": False, **plain(fields)}, HEADER, "a header's name"),
        needs=t.texts("needs"),
        status=t.shaped("status", LINK, "an http(s) address", ""),
        links=links(t),
        endpoint=_endpoint(t, methods, fields),
        legs=unique("legs", [(leg(x), x) for x in t.tables("legs")]),
        listing=paths(t, "listing"),
        files=tuple(credential_file(f) for f in t.tables("files")),
        caches=caches(t),
        offered=t.flag("offered", True),
        first_sentence=t.text("first_sentence", ""),
        source=t.text("source", ""),
    )
    for n, f in enumerate(fields):
        if f.leg and f.leg not in (legs := [x.id for x in service.legs]):
            t.source.fault(("fields", n, "leg"), f"an unknown leg {quoted(f.leg)}", listed(legs), f.leg)
    for n, method in enumerate(methods):
        _used(t, service, method, n)
        _kept(t, service, method, n)
    if not service.environments:
        t.fault("environments", "no environment", "at least one, under [[environments]]")
    if len({x.name for x in service.tools}) < len(service.tools):
        t.fault("tools", "a tool that is there twice", "each tool once")
    t.close()
    return service, replaces


def _field(t: Table) -> Field:
    secret = t.flag("secret", False)
    found = Field(
        id=t.shaped("id", FIELD_ID, "small letters, digits and _ (or header.NAME)"),
        title=t.text("title"),
        secret=secret,
        required=t.flag("required", True),
        default=t.text("default", ""),
        help=t.text("help", ""),
        prefix=t.text("prefix", ""),
        variable=t.shaped("variable", VARIABLE, "a variable's name", ""),
        aliases=t.texts("aliases"),
        source=t.shaped("source", SOURCE, "file:PATH or env:VARIABLE", ""),
        file_variable=t.shaped("file_variable", VARIABLE, "a variable's name", ""),
        examples=t.texts("examples"),
        also=t.texts("also"),
        choices=t.text("choices", "", among=LISTS),
        leg=t.text("leg", ""),
    )
    if found.id == "url" or found.id in WORDS_OF_COMMAND:
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
    id = t.shaped("id", ID, "small letters, digits and _")
    kind = kinds.get(t.text("kind", among=kinds.IDS))
    own = unique("fields", [(_field(f), f) for f in t.tables("fields")]) or kind.fields
    names = [n for f in (*own, *shared) for n in (f.id, *f.aliases)]
    if twice := next((n for n in names if names.count(n) > 1), ""):
        t.fault("fields", f"two fields called {quoted(twice)}", "each name once, aliases included")
    known = {"url": False, **plain((*own, *shared))}
    endpoint = template(t, "token_endpoint", {n: s for n, s in known.items() if not s})
    if derives := bool(endpoint) or kind.derives_here or kind.flows:
        known |= plain(kind.derived)
    headers = templates(t, "headers", known, HEADER, "a header's name")
    if not headers and all(n in known for text in kind.headers.values() for n in syntax.names(text)):
        headers = kind.headers
    written = {n for text in headers.values() for n in syntax.names(text)}
    own_headers = {f.id[7:]: f"{{{f.id}}}" for f in own if f.id.startswith("header.") and f.id not in written}
    headers = MappingProxyType({**headers, **own_headers})
    guide, login = t.table("guide"), t.table("login")
    found = Method(
        id=id,
        kind=kind.id,
        title=t.text("title", kind.title) or kind.title,
        meaning=t.text("meaning", ""),
        fields=own,
        headers=headers,
        env=templates(t, "env", known, VARIABLE, "a variable's name"),
        guide=_guide(guide) if guide else SetupGuide(),
        unavailable=t.text("unavailable", ""),
        needs=t.texts("needs"),
        query=_query(t, own, known),
        token_endpoint=endpoint,
        derived=kind.derived if derives else (),
        login=_login(login) if login else None,
    )
    t.close()
    return found


def _login(t: Table) -> ProgramLogin:
    found = ProgramLogin(t.shaped("tool", WORD, "a tool's name, without spaces"), t.text("cache"))
    t.close()
    return found


def _kept(t: Table, service: Service, method: Method, number: int) -> None:
    """The cache and the tool of a program's own login are the service's."""
    if method.login is None:
        return
    for key, name, names in (
        ("cache", method.login.cache, [c.id for c in service.caches]),
        ("tool", method.login.tool, [x.name for x in service.tools]),
    ):
        if name not in names:
            saw = f"an unknown {key} {quoted(name)}"
            t.source.fault(("methods", number, "login", key), saw, listed(names or ["none"]))


def _query(t: Table, own: tuple[Field, ...], known: Mapping[str, bool]) -> Templates:
    """The parameters that a description names, and those whose name a field holds (``query.key``)."""
    found = templates(t, "query", known, WORD, "a parameter's name")
    written = {n for text in found.values() for n in syntax.names(text)}
    free = {f.id[6:]: f"{{{f.id}}}" for f in own if f.id.startswith("query.") and f.id not in written}
    return MappingProxyType({**found, **free})


def _used(t: Table, service: Service, method: Method, number: int) -> None:
    """Each secret goes somewhere; one that goes nowhere is asked for in vain."""
    if method.unavailable or method.kind not in kinds.READY:
        return
    remote = {**service.headers, **method.headers}.values(), method.query.values()
    carriers = remote if service.entry == "remote" else ({**service.env, **method.env}.values(),)
    used = {n for texts in carriers for text in texts for n in syntax.names(text)}
    for f in method.derived or method.fields:
        if f.secret and f.id not in used:
            where = "headers" if service.entry == "remote" else "env"
            saw = f"the secret {quoted(f.id)} of the method {quoted(method.id)} goes nowhere"
            t.source.fault(("methods", number), saw, f"{{{f.id}}} in [methods.{where}]")


def _guide(t: Table) -> SetupGuide:
    if named := providers.named(t.text("provider", "", among=providers.ids())):
        t.close()
        return SetupGuide(named.guide(), named.link)
    found = SetupGuide(t.texts("steps"), t.shaped("link", LINK, "an http(s) address", ""))
    t.close()
    return found


def _environment(t: Table, methods: tuple[Method, ...], shared: tuple[Field, ...]) -> Environment:
    live = t.table("live")
    settings = t.templates("settings")
    plain = {n: f.secret for m in methods for f in (*m.fields, *shared) for n in (f.id, *f.aliases)}
    for name in settings:
        if name not in plain:
            at(t, "settings", name, f"a setting {quoted(name)} that no method asks for", listed(plain))
        if plain[name]:
            at(t, "settings", name, f"a value for the secret {quoted(name)}", "no secret in a description")
    taken = among(t, "methods", [m.id for m in methods])
    found = Environment(
        id=t.shaped("id", ID, "small letters, digits and -"),
        title=t.text("title"),
        url=t.shaped("url", URL, "an http(s) address without user, query and fragment", ""),
        settings=settings,
        command=command(t, required=False),
        live=_live(live, methods, shared) if live else None,
        help=t.text("help", ""),
        speaks=t.text("speaks", "", among=("mcp", "api")),
        methods=taken,
        endpoint=_endpoint(t, tuple(m for m in methods if not taken or m.id in taken), shared),
        provider=t.text("provider", "", among=providers.ids()),
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
                by_method.fault(id, f"headers for the method {quoted(id)}", listed(m.id for m in methods))
            known = {"url": False, **plain((*method.fields, *shared))}
            headers[id] = templates(by_method, id, known, HEADER, "a header's name")
    found = LiveTest(
        health=t.shaped("health", PATH, "a path that begins with /", ""),
        check=t.shaped("check", PATH, "a path that begins with /", ""),
        headers=MappingProxyType(headers),
        scopes_at=t.text("scopes_at", ""),
        requires_auth=t.maybe("requires_auth"),
        scopes_header=t.shaped("scopes_header", HEADER, "a header's name", ""),
        ok_at=t.text("ok_at", ""),
        error_at=t.text("error_at", ""),
        errors=t.templates("errors"),
        needs_at=t.text("needs_at", ""),
        needs_header=t.shaped("needs_header", HEADER, "a header's name", ""),
        needs_any=t.flag("needs_any", False),
        expires_at=t.text("expires_at", ""),
        expires_header=t.shaped("expires_header", HEADER, "a header's name", ""),
    )
    t.close()
    return found


def _scope(t: Table) -> Scope:
    found = Scope(
        t.shaped("id", WORD, "a scope's name, without spaces"),
        t.text("title", ""),
        t.texts("groups"),
        t.texts("includes"),
    )
    t.close()
    return found


def _endpoint(t: Table, methods: tuple[Method, ...], shared: tuple[Field, ...]) -> str:
    """An address made of ``{url}`` and fields that every method has, none of them secret."""
    common = [f for f in shared if not f.secret]
    common += [f for f in methods[0].fields if not f.secret and all(m.field(f.id) for m in methods)]
    text = template(t, "endpoint", {"url": False, **plain(common)})
    if text and not text.startswith("{url}/"):
        t.fault("endpoint", f"`endpoint` is {quoted(text)}", "{url}/ and the path after it")
    return text


def _tool(t: Table, known: list[str]) -> Tool:
    found = Tool(
        t.shaped("name", WORD, "a tool's name, without spaces"), _scopes(t, known), t.text("title", "")
    )
    t.close()
    return found


def _preset(t: Table, known: list[str]) -> Preset:
    found = Preset(t.shaped("id", ID, "small letters, digits and -"), t.text("title"), _scopes(t, known))
    t.close()
    return found


def _scopes(t: Table, known: list[str]) -> tuple[str, ...]:
    scopes = t.texts("scopes", None)
    for scope in scopes:
        if scope not in known:
            expected = listed(known) if known else "a scope that stands under [[scopes]]"
            t.fault("scopes", f"an unknown scope {quoted(scope)}", expected, scope)
    return scopes
