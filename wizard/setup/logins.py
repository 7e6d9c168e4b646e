"""What a person has to know before a login: what may stay empty, what to register where, what is odd about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.services import Field

from .draft import Draft, fields, settings_of
from .made import choice

if TYPE_CHECKING:
    from wizard.providers import Provider

_REDIRECT: Final = "redirect_uri"
_USUAL: Final = "http://127.0.0.1:3334/callback"


@dataclass(frozen=True, slots=True)
class Leniency:
    """A departure from the standard that a connection may be allowed: ``name`` is that of ``--allow``, ``says`` what
    the provider is known to do. ``fixed`` is True where the service's own description allows it already."""

    name: str
    says: str
    on: bool
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Preparation:
    """``redirect_uri`` is exactly the one to register, empty where no browser comes back. ``provider`` is a title,
    empty where nobody knows yet whose login it is; ``clicks`` are the steps there, at ``link``. ``closed`` is True
    where it lets no program register itself. ``optional`` are fields that matter only to who was given a value for
    them; ``warnings`` are sentences."""

    redirect_uri: str = ""
    provider: str = ""
    closed: bool = False
    clicks: tuple[str, ...] = ()
    link: str = ""
    leniencies: tuple[Leniency, ...] = ()
    optional: tuple[Field, ...] = ()
    warnings: tuple[str, ...] = ()


def preparation(d: Draft) -> Preparation | None:
    """What there is to know; None where the method has no login and exchanges nothing."""
    from wizard import providers
    from wizard.methods import kinds

    if d.service is None or d.environment is None or d.method is None or not kinds.get(d.method.kind).flows:
        return None
    settings = settings_of(d)
    provider = _provider(d)
    typed = settings.get(_REDIRECT, "").strip()
    uri = ""
    if any(f.id == _REDIRECT for f in fields(d)):
        usual = provider.redirect_uri() if provider else _USUAL
        uri = usual if not typed or "*" in typed else typed
    return Preparation(
        uri,
        provider.title if provider else "",
        provider is not None and provider.registration == providers.NONE,
        # a deployment that the catalogue knows has these steps in its own description
        provider.guide(uri) if provider and not (d.environment.provider and d.method.guide.steps) else (),
        provider.link if provider else "",
        _leniencies(d, provider),
        tuple(f for f in fields(d) if not (f.required or f.choices or f.leg)),
        (_wildcard(typed),) if "*" in typed else (),
    )


def _provider(d: Draft) -> Provider | None:
    """Whose login it is, as the catalogue or the typed issuer tells."""
    from wizard import providers
    from wizard.errors import CatalogueError

    issuer = settings_of(d).get(providers.ISSUER, "").strip()
    try:
        return providers.of_choice(choice(d)) or (providers.of(issuer) if issuer else None)
    except CatalogueError:
        # a person's own description that cannot be read is told where it is used
        return None


def _leniencies(d: Draft, provider: Provider | None) -> tuple[Leniency, ...]:
    from wizard import providers

    given = providers.of_choice(choice(d)) if provider else None
    fixed = set(given.needs if given else ())
    known = {x.needs: x.says for x in (provider.departures if provider else ()) if x.needs}
    title = provider.title if provider else ""
    told = [
        Leniency(name, f"{title}: {says}", name in d.allow or name in fixed, name in fixed)
        for name, says in known.items()
    ]
    return (*told, *(Leniency(name, "Allowed by you.", on=True) for name in d.allow if name not in known))


def _wildcard(uri: str) -> str:
    return (
        f"{uri} holds a *: a provider that takes it sends your login's code to any address that fits."
        " Register each address whole (RFC 9700 section 4.1.3)."
    )
