"""Layer registration: where a login may be sent back to."""

from __future__ import annotations

from wizard.livetest import Evidence

from ..facts.client import RedirectUris
from .book import Verdict, cause, proven

_SHOWN = 10


@cause(
    id="redirect-uri-wildcard",
    layer="registration",
    owner="idp-admin",
    title="A redirect URI with * lets others than the client receive its logins.",
    explanation="After a login the browser takes the code to the redirect URI. A * in it lets whoever can serve any"
    " address of that form, such as any program on any port, have a person log in and get the code. Providers that take"
    " one advise against it; OAuth 2.1 wants redirect URIs compared exactly.",
    fix=(
        "The identity provider's admin: register the exact address instead; this program's is"
        " http://127.0.0.1:3334/callback (--port changes it).",
        "Keycloak: Clients, the client, Settings, Valid redirect URIs.",
        "FusionAuth: Applications, the client, OAuth, Authorized redirect URLs; URL validation: Exact match.",
    ),
    sources=(
        "RFC 9700 section 2.1",
        "RFC 9700 section 4.1.3",
        "https://fusionauth.io/docs/lifecycle/authenticate-users/oauth/url-validation",
        "https://www.keycloak.org/docs/latest/server_admin/#unspecific-redirect-uris",
    ),
    advice=True,
)
def wildcard(uris: RedirectUris) -> Verdict | None:
    """A ``*`` in any of them."""
    found = [(name, uri) for name, held in uris.by_client for uri in held if "*" in uri]
    if not found:
        return None
    told = tuple(Evidence("registrations", f"{name}: {uri}") for name, uri in found[:_SHOWN])
    more = (Evidence("registrations", f"and {len(found) - _SHOWN} more"),) if len(found) > _SHOWN else ()
    names = list(dict.fromkeys(name for name, _ in found))
    who = f"the client {names[0]}" if len(names) == 1 else f"{len(names)} clients"
    return proven(*told, *more, title=f"A redirect URI of {who} holds a *: others can receive the login.")
