"""Why a login that was kept is none any more: it is not there, or was not renewed."""

from __future__ import annotations

from wizard.livetest import Evidence
from wizard.pasting import pasted

from ..facts.cache import KeptLogins
from . import told
from .book import Verdict, cause, proven


@cause(
    id="not-logged-in",
    layer="client-config",
    owner="you",
    title="Nobody is logged in here yet, and a login needs a person.",
    explanation="This connection signs in by a login in the browser, or by a code on another device. None is kept for"
    " it: nobody has logged in, or somebody has logged out.",
    fix=("Log in: authwizard login NAME",),
    sources=("RFC 6749 section 4.1",),
    standing=True,
)
def nobody(kept: KeptLogins) -> Verdict | None:
    """No login of the target where its program keeps them; one of our own is missed by the login itself."""
    if not kept.wanted or kept.mine:
        return None
    own = (f"Log in: authwizard login {pasted(kept.name)}",) if kept.name else ()
    return proven(
        Evidence("login-cache", kept.seen()),
        title=f"Nobody is logged in: {kept.program} keeps no login for {kept.whose}.",
        fix=(
            *own,
            f"{'Or use' if own else 'Use'} one of its tools: {kept.program} opens a browser. Log in there.",
        ),
    )


cause(
    id="offline-access-missing",
    layer="scope",
    owner="you",
    title="The login ends with its access token, and cannot be renewed.",
    explanation="A login is renewed by a refresh token. The identity provider gave none: many give one only to those"
    " who ask for the scope offline_access (Google: access_type=offline), or have to allow it to the client first.",
    fix=(
        "Log in again: authwizard login NAME",
        "Ask for offline_access too, where it is offered: --set scope='... offline_access'",
        "If none comes even so, ask the identity provider's admin to allow the client refresh tokens (Okta:"
        " Applications, the app, General, Grant type: Refresh Token; Auth0: Applications, APIs, the API, Allow"
        " Offline Access).",
    ),
    sources=(
        "MCP-C15: MCP 2026-07-28, Overview, Refresh Tokens",
        "https://github.com/Softeria/ms-365-mcp-server/issues/407",
        "https://github.com/home-assistant/core/issues/180546",
        "https://github.com/anthropics/claude-ai-mcp/issues/42",
    ),
)(told.by_login)

cause(
    id="refresh-token-expired-or-revoked",
    layer="token-time",
    owner="you",
    title="The login has ended at the identity provider.",
    explanation="A login is renewed by its refresh token. This one is refused for good: it expired, was revoked, or"
    " ended with a changed password or a removed consent.",
    fix=(
        "Log in again: authwizard login NAME",
        "If it ends too soon, ask the identity provider's admin for a longer life (Keycloak: Realm settings, Sessions;"
        " Okta: Applications, the app, General, Refresh token; Auth0: Applications, the application, Settings, Refresh"
        " Token Expiration; Cognito: App clients, the client, Refresh token expiration).",
    ),
    sources=(
        "RFC 6749 section 5.2",
        "https://github.com/can1357/oh-my-pi/issues/1908",
        "https://github.com/openai/codex/issues/14144",
        "https://github.com/googleapis/google-api-nodejs-client/issues/2363",
    ),
)(told.by_login)

cause(
    id="refresh-token-reused-by-concurrent-processes",
    layer="cache",
    owner="you",
    title="The refresh token had been used before, by another program or an older copy of this login.",
    explanation="Some providers give a new refresh token at each renewal, and end the whole login when an old one comes"
    " back: they cannot tell a second program from a thief.",
    fix=(
        "Log in again: authwizard login NAME",
        "Let one program alone renew this login: no copy of it on another machine or in another client.",
        "Or ask the identity provider's admin for some leeway (Auth0: Rotation Overlap Period; Okta: Grace period for"
        " token rotation; Keycloak: Realm settings, Tokens, Refresh Token Max Reuse).",
    ),
    sources=(
        "RFC 9700 section 4.14.2",
        "https://github.com/anthropics/claude-code/issues/91641",
        "https://github.com/github/copilot-cli/issues/3456",
        "https://github.com/anomalyco/opencode/issues/49439",
        "https://github.com/comet-ml/opik/issues/8287",
    ),
)(told.by_login)

cause(
    id="refresh-token-of-another-client",
    layer="cache",
    owner="you",
    title="The refresh token was given to another client than the one that is configured now.",
    explanation="A refresh token belongs to the client that got it. The client id was changed, or the login copied.",
    fix=(
        "If the client id was changed on purpose, log in again with it: authwizard login NAME",
        "Else give the connection its former client id again.",
    ),
    sources=("RFC 6749 section 10.4",),
)(told.by_login)

cause(
    id="refresh-issuer-mismatch-keycloak",
    layer="issuer",
    owner="idp-admin",
    title="Keycloak made this login under another name of itself, and refuses to renew it under this one.",
    explanation="Without a fixed name Keycloak calls itself as it is asked. A refresh token holds the name under"
    " which it was made, and is refused under another.",
    fix=(
        "Keycloak's admin: fix its name, KC_HOSTNAME=https://its-public-name, so that every address gives the same.",
        "Until then use one and the same address of Keycloak for the login and for its renewal.",
    ),
    sources=(
        "https://www.keycloak.org/server/hostname",
        "https://github.com/keycloak/keycloak/issues/27660",
        "https://github.com/keycloak/keycloak/issues/26017",
    ),
)(told.by_login)

cause(
    id="google-testing-mode-7-day-refresh",
    layer="token-time",
    owner="you",
    title="Google ends the logins of an app in testing after seven days.",
    explanation="An app whose consent screen stands at Testing gets refresh tokens for a week.",
    fix=(
        "Log in again: authwizard login NAME",
        "The app's owner: Google Cloud console, Google Auth Platform, Audience: publish it (In production), or make it"
        " internal.",
    ),
    sources=(
        "https://developers.google.com/identity/protocols/oauth2#expiration",
        "https://github.com/googleapis/google-api-dotnet-client/issues/1905",
        "https://github.com/mbrt/gmailctl/issues/353",
    ),
)(told.by_login)
