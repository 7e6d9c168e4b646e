"""The six steps as plain data: what was chosen so far, what is missing, and what follows from it. No effects.

A `Draft` is frozen. Every ``with_…`` gives a new one, in which what depended on the change is cleared (the test,
and after another service or deployment the credentials that belonged to the old one) and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from wizard.livetest import LiveTestReport
from wizard.names import LOGIN
from wizard.oauth.model import Login
from wizard.secret import Secret
from wizard.services import Environment, Field, Method, Service, Tool

_T = TypeVar("_T")

STEPS: Final = ("service", "method", "credentials", "permissions", "test", "activate")

_GENERIC_LABELS: Final = frozenset({"mcp", "api", "www", "app", "com", "net", "org", "io", "dev", "ai"})
_ISSUER: Final = "issuer"
_OF_AN_ISSUER: Final = frozenset({"client_secret", "assertion"})


@dataclass(frozen=True, slots=True)
class ClientChoice:
    """A client to write to. ``path`` and ``how`` (a way of ``--secrets``) are the client's defaults when None."""

    client: str
    project: bool = True
    path: str | None = None
    how: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """What stands in the way of going on: the field (or step) it is about, and a sentence."""

    field: str
    says: str


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything chosen so far.

    ``secrets`` are values at hand, by field; ``sources`` are references (``env:VAR`` ...) that are kept as they
    stand instead of being copied. ``name`` is empty until a person names it; `name_of` then suggests one.
    ``store`` is empty until one was chosen: then the default store is used, and references are not copied.
    """

    service: Service | None = None
    environment: Environment | None = None
    url: str = ""
    name: str = ""
    method: Method | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    scopes: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    preset: str = ""
    allow: tuple[str, ...] = ()
    test: LiveTestReport | None = None
    store: str = ""
    clients: tuple[ClientChoice, ...] = ()


def new() -> Draft:
    """Nothing chosen."""
    return Draft()


def with_service(d: Draft, service: Service, environment: Environment | None = None, url: str = "") -> Draft:
    """Choose the service and its deployment.

    Another service clears all that was said about the old one, its clients excepted. Another deployment clears
    the credentials (they belong to the old one) and the test. Another address of the same clears the test.
    """
    if environment is None:
        same = d.environment if d.service is not None and d.service.id == service.id else None
        environment = same or (service.environments[0] if len(service.environments) == 1 else None)
    if d.service is None or d.service.id != service.id:
        method = service.methods[0] if len(service.methods) == 1 else None
        return Draft(service, environment, url.strip(), method=method, clients=d.clients, store=d.store)
    if _id(d.environment) != _id(environment):
        return replace(
            d,
            service=service,
            environment=environment,
            url=url.strip(),
            secrets={},
            sources={},
            test=None,
        )
    return _changed(d, service=service, environment=environment, url=url.strip())


def with_method(d: Draft, method: Method) -> Draft:
    """Choose how to sign in. What was typed for another method is kept for coming back, and not used."""
    return _changed(d, method=method)


def with_setting(d: Draft, field: str, text: str) -> Draft:
    """Fill a field that is no secret; an empty text takes it away (and brings the default back)."""
    return _changed(d, settings=_put(d.settings, _canonical(d, field), text or None))


def with_secret(d: Draft, field: str, secret: Secret) -> Draft:
    """Fill a secret field with a value, in place of a reference if there was one; an empty value takes it away."""
    name = _canonical(d, field)
    return _changed(d, secrets=_put(d.secrets, name, secret or None), sources=_put(d.sources, name, None))


def with_source(d: Draft, field: str, source: str, secret: Secret | None = None) -> Draft:
    """Fill a secret field by a SOURCE; ``secret`` is what it yielded, where it was read already."""
    name = _canonical(d, field)
    return _changed(d, sources=_put(d.sources, name, source or None), secrets=_put(d.secrets, name, secret))


def with_scopes(d: Draft, scopes: Iterable[str]) -> Draft:
    """Choose scopes; a chosen tool that they no longer unlock is dropped. Unknown ones stay, for `problems`."""
    wanted = dict.fromkeys(scopes)
    known = tuple(s.id for s in d.service.scopes) if d.service else ()
    ordered = tuple(s for s in known if s in wanted) + tuple(s for s in wanted if s not in known)
    open_to = {t.name for t in d.service.tools_for(frozenset(ordered))} if d.service else set(d.tools)
    return _changed(d, scopes=ordered, tools=tuple(t for t in d.tools if t in open_to))


def with_tools(d: Draft, tools: Iterable[str]) -> Draft:
    """Choose tools; the scopes become the least that these need."""
    if d.service is None:
        return d
    wanted = frozenset(tools)
    chosen = tuple(t.name for t in d.service.tools if t.name in wanted)
    return _changed(d, tools=chosen, scopes=d.service.scopes_for(wanted), preset="")


def with_preset(d: Draft, preset: str) -> Draft:
    """Choose a named set of scopes; its tools are those that it unlocks. An unknown id changes nothing."""
    if d.service is None:
        return d
    found = next((p for p in d.service.presets if preset in (p.id, p.title)), None)
    if found is None:
        return d
    tools = tuple(t.name for t in d.service.tools_for(frozenset(found.scopes)))
    return _changed(d, scopes=found.scopes, tools=tools, preset=found.id)


def with_allow(d: Draft, leniencies: Iterable[str]) -> Draft:
    """Name the leniencies that this connection is given."""
    return _changed(d, allow=tuple(dict.fromkeys(leniencies)))


def with_test(d: Draft, test: LiveTestReport | None) -> Draft:
    """Keep what the live test said."""
    return replace(d, test=test)


def with_login(d: Draft, login: Login) -> Draft:
    """Keep what a person's login came to, beside the test that it was made in. A token that needs nobody is obtained
    at each use, and kept nowhere. A secret that went along is from now on for that issuer alone, whomever the server
    names later (MCP-B11)."""
    from wizard.methods import kinds
    from wizard.oauth import kept

    method = d.method
    if method is None:
        return d
    if _OF_AN_ISSUER & secrets_of(d).keys() and not settings_of(d).get(_ISSUER, "").strip():
        d = replace(d, settings=_put(d.settings, _ISSUER, login.issuer))
    if not kinds.get(method.kind).person:
        return d
    return replace(d, secrets=_put(d.secrets, LOGIN, kept.as_secret(login)))


def with_clients(d: Draft, clients: Iterable[ClientChoice]) -> Draft:
    """Choose the clients to write to."""
    return replace(d, clients=tuple(dict.fromkeys(clients)))


def with_store(d: Draft, store: str) -> Draft:
    """Choose where secrets are kept."""
    return replace(d, store=store)


def with_name(d: Draft, name: str) -> Draft:
    """Name the connection, and with it the entry in a client's config."""
    return replace(d, name=name.strip())


def fields(d: Draft) -> tuple[Field, ...]:
    """What is asked for with the chosen method."""
    if d.service is None or d.method is None:
        return ()
    from wizard import methods

    return methods.fields(d.service, d.method, d.settings)


def url_of(d: Draft) -> str:
    """The address: the one typed, or the deployment's own."""
    return d.url or (d.environment.url if d.environment else "")


def settings_of(d: Draft) -> dict[str, str]:
    """The settings in force: a field's default, then the deployment's, then what was typed."""
    asked = fields(d)
    values = {f.id: f.default for f in asked if f.default and not f.secret}
    values.update(d.environment.settings_at(url_of(d)) if d.environment else {})
    values.update({k: v for k, v in d.settings.items() if _own(d, k)})
    return values


def secrets_of(d: Draft) -> dict[str, Secret]:
    """The secrets at hand that the chosen method asks for."""
    return {k: v for k, v in d.secrets.items() if _own(d, k)}


def sources_of(d: Draft) -> dict[str, str]:
    """The references in force: those that were given, then where the method finds a secret by itself."""
    given = {k: v for k, v in d.sources.items() if _own(d, k)}
    if d.service is None or d.method is None:
        return given
    from wizard import methods

    known = methods.sources(d.service, d.method, settings_of(d))
    return {k: v for k, v in known.items() if k not in d.secrets} | given


def unlocked(d: Draft) -> tuple[Tool, ...]:
    """The tools that the chosen scopes unlock."""
    return d.service.tools_for(frozenset(d.scopes)) if d.service else ()


def wider(d: Draft) -> tuple[str, ...]:
    """The chosen scopes that no chosen tool needs; nothing where no tool was chosen."""
    if d.service is None or not d.tools:
        return ()
    needed = set(d.service.scopes_for(frozenset(d.tools)))
    return tuple(s for s in d.scopes if s not in needed)


def suggested_name(d: Draft) -> str:
    """A name from the service and the deployment: ``faos-prod``, ``fleet``, ``mcp-example``; behind a gateway the
    server's as well, ``gateway-atlassian``."""
    name = _deployed(d)
    return "-".join((name, *_apart(d))) if name else ""


def _apart(d: Draft) -> tuple[str, ...]:
    """What tells this address from the others of the same deployment: the fields in it that are not as usual."""
    if d.service is None:
        return ()
    from wizard.methods.templates import names

    named = names(d.service.endpoint_at(d.environment))
    usual = {f.id: f.default for f in fields(d)}
    typed = ((n, d.settings.get(n, "").strip().strip("/")) for n in named if n in usual)
    shown = (_plain(text) for n, text in typed if text and text != usual[n])
    return tuple(text for text in shown if text)


def _deployed(d: Draft) -> str:
    if d.service is None:
        return ""
    if d.environment is None:
        return d.service.id
    real = [e for e in d.service.environments if e.id != "practice"]
    if d.environment.id != "practice" and not d.environment.url and d.url:
        label = _host_label(d.url)
        if label:
            own = label == d.service.id or label.startswith(f"{d.service.id}-")
            return label if own else f"{d.service.id}-{label}"
    if len(real) == 1 and d.environment.id == real[0].id:
        return d.service.id
    return f"{d.service.id}-{d.environment.id}"


def name_of(d: Draft) -> str:
    """The name given, or the one suggested."""
    return d.name or suggested_name(d)


def without_login(d: Draft) -> Draft:
    """The draft as nobody had logged in for it."""
    return with_secret(d, LOGIN, Secret(""))


def _changed(d: Draft, **what: object) -> Draft:
    if all(getattr(d, key) == value for key, value in what.items()):
        return d
    new = replace(d, test=None, **what)  # type: ignore[arg-type]  # keys are Draft's own, at every call above
    # a login is for the server, the client and the scopes that it was made with
    same = what.keys() <= {"secrets", "sources"}
    return new if same or LOGIN not in new.secrets else replace(new, secrets=_put(new.secrets, LOGIN, None))


def _put(values: Mapping[str, _T], key: str, value: _T | None) -> dict[str, _T]:
    kept = {k: v for k, v in values.items() if k != key}
    return kept if value is None else {**kept, key: value}


def _id(environment: Environment | None) -> str:
    return environment.id if environment else ""


def _canonical(d: Draft, name: str) -> str:
    found = next((f for f in fields(d) if name == f.id or name in f.aliases), None)
    return found.id if found else name


def _own(d: Draft, name: str) -> bool:
    """Whether a value is for the chosen method: not one that only another method asks for."""
    if d.service is None or d.method is None:
        return True
    from wizard import methods

    if methods.takes(d.service, d.method, name):
        return True
    return not any(f.id == name for m in d.service.methods for f in m.fields)


def _host_label(url: str) -> str:
    """``example`` of ``https://mcp.example.com/x``; ``local-8000`` of a loopback address."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if host in ("localhost", "::1") or host.startswith("127."):
        return f"local-{port}" if port else "local"
    labels = [part for part in host.split(".") if part]
    own = [part for part in labels[:-1] if part not in _GENERIC_LABELS] or labels
    label = _plain(own[0]) if own else ""
    return f"{label}-{port}" if label and port else label


def _plain(text: str) -> str:
    """Letters, digits and hyphens of a text, no more than forty."""
    return "".join(c if c.isascii() and (c.isalnum() or c == "-") else "-" for c in text).strip("-")[:40]
