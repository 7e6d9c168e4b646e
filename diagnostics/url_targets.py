"""From an address, and what a person gave along with it, to what is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import parse_qsl, urldefrag, urlsplit

from wizard import catalogue, methods
from wizard.choice import Choice
from wizard.entries import Remote, only, realise
from wizard.errors import UsageError
from wizard.methods import kinds
from wizard.methods.kind import QUERY
from wizard.redaction import tells_a_secret
from wizard.secret import Secret
from wizard.services import Environment, Field, Method, Service
from wizard.urls import check_url, origin, parted

from .target import Target

_ANY: Final = "http"
"""The service of the catalogue that stands for any address: it has every method that needs no description."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a person gave along with an address.

    ``method`` is an id of the contract or of the address's own service. ``credential`` is the bare secret, sent as
    the method says; ``headers`` are sent as they stand, each in place of one of the same name. ``kind`` is ``mcp``,
    ``api``, or empty when it has to be found out. ``settings`` and ``secrets`` are by field. ``allow`` are leniencies.
    """

    method: str = "bearer"
    credential: Secret | None = None
    headers: Mapping[str, Secret] = field(default_factory=dict)
    kind: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    scopes: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()


NOTHING: Final = Given()


def from_url(url: str, given: Given = NOTHING, **words: Any) -> Target:
    """An address, with what the person gave (``words`` are laid over it). The catalogue's service is used where the
    address is one of its own.

    Raises: UsageError ``not-a-url``, ``header-twice``, ``unknown-method``, ``missing``, and what cannot be sent.
    """
    given = replace(given, **words)
    # a fragment is never sent (RFC 9110 section 7.1), and may hold what came of a login
    label = urldefrag(check_url(url)).url
    if (
        given.credential
        and any(n.lower() == "authorization" for n in given.headers)
        and given.method in ("bearer", "basic")
    ):
        raise UsageError(
            "header-twice",
            "Both a credential and an Authorization header were given.",
            "Only one of them can be sent.",
            ["Leave --credential out, or --header Authorization=..."],
        )
    bare, query = _without_secrets(label)
    service, environment = known(bare)
    remote = service if service and service.entry == "remote" else None
    owner = remote if remote and remote.method(given.method) else catalogue.one(_ANY)
    place = environment if owner is remote and environment else Environment("own", "", bare)
    method = _method(owner, given.method)
    secrets = _secrets(method, given)
    _complete(owner, method, given, secrets)
    choice = Choice(owner, place, method, bare, given.settings, secrets, owner.id, given.scopes, given.allow)
    secrets = methods.derived(choice)
    entry = _entry(replace(choice, secrets=secrets), given)
    return Target(
        label=label,
        entry=replace(entry, query={**query, **entry.query}),
        speaks=given.kind or (remote.speaks_at(environment) if remote else ""),
        service=service,
        environment=environment,
        method=method,
        credential=given.credential or next(iter(secrets.values()), None),
        secrets={**{f"{QUERY}{name}": value for name, value in query.items()}, **secrets},
        settings=dict(given.settings),
        scopes=given.scopes,
        allow=given.allow,
    )


def known(url: str) -> tuple[Service | None, Environment | None]:
    """The service whose deployment answers at exactly this origin."""
    for service in catalogue.at(url):
        for environment in service.environments:
            if environment.url and origin(environment.url) == origin(url):
                return service, environment
    return None, None


def _without_secrets(url: str) -> tuple[str, dict[str, Secret]]:
    """The address without the parameters that hold a secret by their name, and those."""
    names = {name for name, value in parse_qsl(urlsplit(url).query) if value and tells_a_secret(name)}
    bare, taken = parted(url, names)
    return bare, {name: Secret(value) for name, value in taken.items()}


def _method(owner: Service, name: str) -> Method:
    """The service's method of this name. One that needs a login sends the token that came of it, as a bearer."""
    if found := owner.method(name):
        return found
    if name not in kinds.IDS:
        raise UsageError(
            "unknown-method",
            "There is no such way of signing in.",
            f"There is: {', '.join(kinds.IDS)}.",
            ["Give another --method."],
        )
    brings = kinds.get(name if name in kinds.READY else "bearer")
    derived = brings.derived if brings.derives_here or brings.flows else ()
    return Method(
        name, name, brings.title, "", brings.fields, brings.headers, query=brings.query, derived=derived
    )


def _secrets(method: Method, given: Given) -> dict[str, Secret]:
    """The secrets by field: those named, and the bare one in its place."""
    found = dict(given.secrets)
    if given.credential is not None and method.kind != "none":
        found.setdefault(_place(method), given.credential)
    return found


def _place(method: Method) -> str:
    """The field that the bare credential is for."""
    kind = kinds.get(method.kind)
    if kind.only_own:
        raise UsageError(
            "header-unnamed",
            "With this method each header has a name, and --credential has none.",
            "",
            ["Say it with --secret header.NAME=SOURCE."],
        )
    fields = (*method.fields, *(method.derived if not kind.compute else ()))
    return next((f.id for f in fields if f.secret), "token")


def _complete(owner: Service, method: Method, given: Given, secrets: Mapping[str, Secret]) -> None:
    """Refuse half a credential. Without any, the address is asked as somebody unknown would."""
    about = {n for f in method.fields for n in (f.id, *f.aliases)}
    if not (given.credential or about & (given.settings.keys() | secrets.keys())):
        return
    absent = methods.missing(owner, method, given.settings, secrets.keys())
    _refuse(tuple(f for f in absent if f in method.fields))


def complete(target: Target) -> None:
    """Refuse a method whose credential is not there, where the person has named the method.

    Raises: UsageError ``missing``.
    """
    method, secrets = target.method, target.secrets.keys()
    if method is None or method.kind not in kinds.READY:
        return
    own = target.service if target.service and target.service.method(method.id) else catalogue.one(_ANY)
    absent = methods.missing(own, method, target.settings, secrets)
    _refuse(tuple(f for f in absent if f in method.fields))


def _refuse(absent: tuple[Field, ...]) -> None:
    if absent:
        says = " ".join(f"{f.title} is missing." for f in absent)
        fix = [f"Say it with --{'secret' if f.secret else 'set'} {f.id}={_form(f.secret)}" for f in absent]
        raise UsageError("missing", says, "", fix)


def _form(secret: bool) -> str:
    return "SOURCE (env:VAR, file:PATH, keyring:NAME, cmd:..., or -)." if secret else "VALUE."


def _entry(choice: Choice, given: Given) -> Remote:
    plan = methods.entry_plan(choice)
    entry = realise(only(plan, frozenset(choice.secrets)), choice.secrets)
    if not isinstance(entry, Remote):
        raise TypeError("the owner of a remote address has a remote entry")
    replaced = {name.lower() for name in given.headers}
    kept = {name: value for name, value in entry.headers.items() if name.lower() not in replaced}
    # the address is asked as it was typed
    return replace(entry, url=choice.url, headers={**kept, **given.headers})
