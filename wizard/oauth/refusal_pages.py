"""How providers word that they do not know a redirect URI, on a page of their own, and where it is registered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class RefusalPage:
    """``hosts`` are whole names, or endings that begin with a dot; ``path`` is part of the endpoint's path.
    ``words`` are what the page says, ``where`` the place at which the address is registered, ``source`` who saw it."""

    provider: str
    words: str
    where: str
    source: str
    hosts: tuple[str, ...] = ()
    path: str = ""

    def fits(self, host: str, path: str) -> bool:
        """Whether the authorization endpoint is this provider's."""
        named = any(host == name or (name.startswith(".") and host.endswith(name)) for name in self.hosts)
        return (named or not self.hosts) and self.path in path


PAGES: Final = (
    RefusalPage(
        "Google",
        "Error 400: redirect_uri_mismatch",
        "Google Cloud console > APIs & Services > Credentials > the OAuth client > Authorized redirect URIs",
        "https://stackoverflow.com/questions/11485271/google-oauth-2-authorization-error-redirect-uri-mismatch",
        ("accounts.google.com",),
    ),
    RefusalPage(
        "Entra ID",
        "AADSTS50011",
        "Entra admin center > App registrations > the app > Authentication > Mobile and desktop applications",
        "https://github.com/dudil/fastapi_msal/issues/19",
        ("login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"),
    ),
    RefusalPage(
        "Okta",
        "The 'redirect_uri' parameter must be a Login redirect URI in the client app settings",
        "Okta admin console > Applications > the app > General > Sign-in redirect URIs",
        "https://github.com/DependencyTrack/dependency-track/issues/1281",
        (".okta.com", ".oktapreview.com", ".okta-emea.com"),
    ),
    RefusalPage(
        "Auth0",
        "Callback URL mismatch",
        "Auth0 dashboard > Applications > the application > Settings > Allowed Callback URLs",
        "https://github.com/auth0/nextjs-auth0/issues/1942",
        (".auth0.com",),
    ),
    RefusalPage(
        "Cognito",
        "redirect_mismatch",
        "Cognito console > User pools > the pool > App clients > the client > Login pages > Allowed callback URLs",
        "https://github.com/aws-amplify/amplify-js/issues/5127",
        (".amazoncognito.com",),
    ),
    RefusalPage(
        "GitHub",
        "The redirect_uri is not associated with this application",
        "GitHub > Settings > Developer settings > the app > Authorization callback URL",
        "https://github.com/RedPlanetHQ/core/issues/231",
        ("github.com",),
    ),
    RefusalPage(
        "Slack",
        "redirect_uri did not match any configured URIs",
        "api.slack.com/apps > the app > OAuth & Permissions > Redirect URLs",
        "https://github.com/ngs/ts-dakoku/issues/20",
        ("slack.com", ".slack.com"),
    ),
    RefusalPage(
        "Notion",
        "Missing or invalid redirect_uri",
        "notion.so/my-integrations > the public integration > Redirect URIs",
        "https://github.com/JamesNZL/notion-assignment-import/issues/421",
        ("notion.com", ".notion.com", "notion.so", ".notion.so"),
    ),
    RefusalPage(
        "Atlassian",
        "redirect_uri is not registered for client",
        "developer.atlassian.com/console > the app > Authorization > Callback URL",
        "https://github.com/atlassian/atlassian-mcp-server/issues/246",
        (".atlassian.com",),
    ),
    RefusalPage(
        "FusionAuth",
        "invalid_redirect_uri",
        "FusionAuth > Applications > the application > OAuth > Authorized redirect URLs",
        "https://github.com/FusionAuth/fusionauth-example-react/issues/22",
        (".fusionauth.io",),
    ),
    RefusalPage(
        "Keycloak",
        "Invalid parameter: redirect_uri",
        "Keycloak admin console > the realm > Clients > the client > Valid redirect URIs",
        "https://github.com/keycloak/keycloak/discussions/15062",
        path="/protocol/openid-connect/auth",
    ),
)


def page_of(authorization_endpoint: str) -> RefusalPage | None:
    """The provider that an authorization endpoint belongs to, told by its host or its path; None where unknown."""
    try:
        parts = urlsplit(authorization_endpoint)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    return next((page for page in PAGES if host and page.fits(host, parts.path)), None)
