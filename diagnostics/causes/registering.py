"""Layer registration: which client this program is at an authorization server, as a login finds out."""

from __future__ import annotations

from . import told
from .book import cause

_WHERE = "MCP 2026-07-28, Client Registration"
_CODES = "https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes"

cause(
    id="registration-endpoint-missing",
    layer="registration",
    owner="you",
    title="The authorization server does not register clients by itself.",
    explanation="A program needs a client id for a login. Some authorization servers give one to whoever asks (dynamic"
    " client registration); this one does not, and no client id was given. GitHub, Entra, Google, Slack and Cognito all"
    " want the client registered by a person beforehand.",
    fix=(
        "Register a client there: a public (native) one, authorization code with PKCE.",
        "Keycloak: Clients, Create client. Entra: App registrations, New registration, Public client/native. Cognito:"
        " your user pool, App clients. Okta: Applications, Create App Integration, OIDC, Native. Auth0: Applications,"
        " Create, Native.",
        "Then give its id: --set client_id=ID (and, if it has one, --secret client_secret=env:VAR).",
    ),
    sources=(
        f"MCP-B2: {_WHERE}",
        "https://github.com/github/github-mcp-server/issues/1404",
        "https://github.com/microsoft/azure-devops-mcp/issues/1077",
        "https://github.com/modelcontextprotocol/inspector/issues/167",
        "https://github.com/anthropics/claude-code/issues/67258",
    ),
)(told.by_login)

cause(
    id="registration-refused",
    layer="registration",
    owner="idp-admin",
    title="The authorization server refuses to register this program as a client.",
    explanation="It names an address where clients register themselves, and does not let this one: registration is only"
    " for those with an initial access token, or switched off and still announced, or something else stands before it.",
    fix=(
        "Register a client there by hand, and give its id: --set client_id=ID",
        "Or ask the identity provider's admin to allow registration (Auth0: Settings, Advanced, OIDC Dynamic"
        " Application Registration; Keycloak: Clients, Client registration).",
    ),
    sources=(
        f"MCP-B10: {_WHERE}, Dynamic Client Registration; RFC 7591 section 3.2.2",
        "https://auth0.com/docs/get-started/applications/dynamic-client-registration",
        "https://github.com/anthropics/claude-ai-mcp/issues/402",
    ),
)(told.by_login)

cause(
    id="waf-loopback-redirect-uri-rfi",
    layer="http",
    owner="idp-admin",
    title="A firewall before the authorization server takes the redirect URI on 127.0.0.1 for an attack.",
    explanation="Rules against remote file inclusion refuse every request in which an address with a number for a host"
    " stands (AWS WAF: GenericRFI). A login of a program on this machine needs just that, so that registration or login"
    " ends with a bare 403, while the same with `localhost` passes.",
    fix=(
        "To the identity provider's admin: \"AWS WAF: exclude GenericRFI_BODY and GenericRFI_QUERYARGUMENTS for the"
        ' paths of registration and login; RFC 8252 section 7.3 wants http://127.0.0.1 to be taken."',
        "Or register a client by hand, and give its id: --set client_id=ID",
    ),
    sources=(
        "https://github.com/anomalyco/opencode/issues/31033",
        "https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html",
        "RFC 8252 section 7.3",
    ),
    explains=("registration-refused",),
)(told.by_login)

cause(
    id="dcr-rejected-by-policy-keycloak",
    layer="registration",
    owner="idp-admin",
    title="The authorization server offers to register clients, and its policy refuses this one.",
    explanation="Keycloak lets clients register themselves by policies: from which hosts, with which redirect URIs,"
    " with which scopes. Out of the box no host is trusted, so that everybody is refused.",
    fix=(
        "Keycloak's admin: the realm, Clients, Client registration, Anonymous access policies: the policy that the"
        " answer names (Trusted Hosts: add the host, or switch off its check; Allowed Client Scopes: add the scopes).",
        "Or give this program a client made by hand: --set client_id=ID",
    ),
    sources=(
        "https://www.keycloak.org/securing-apps/client-registration",
        "https://github.com/opensearch-project/opensearch-mcp-server-py/issues/227",
        "https://github.com/keycloak/keycloak/issues/43654",
        "https://github.com/keycloak/keycloak/issues/7339",
    ),
)(told.by_login)

cause(
    id="dcr-redirect-not-allowlisted",
    layer="registration",
    owner="idp-admin",
    title="The authorization server does not register a client with this redirect URI.",
    explanation="A program on your own machine has the login sent back to an http address there (RFC 8252). This"
    " authorization server registers clients only with other redirect URIs.",
    fix=(
        "The identity provider's admin: allow loopback redirect URIs (Cloudflare Access: the application's managed"
        " OAuth settings, allowed redirect URIs).",
        "Try another form: --set redirect_uri=http://localhost:3334/callback",
        "Or register a client by hand and give its id: --set client_id=ID",
    ),
    sources=(
        f"MCP-B10: {_WHERE}, Application Type and Redirect URI Constraints; RFC 8252 section 7.3",
        "https://github.com/every-app/open-seo/issues/48",
        "https://github.com/cloudflare/mcp-server-cloudflare/issues/482",
    ),
)(told.by_login)

cause(
    id="dcr-client-without-login-connection",
    layer="registration",
    owner="idp-admin",
    title="The authorization server has no way to log anybody in for this client.",
    explanation="Auth0 logs people in by connections (a database, Google, a company's directory), which are enabled for"
    " each application. A client that registered itself is a third-party application, and can use only those"
    " connections that were promoted to the domain level: with none, it answers invalid_request before any login page.",
    fix=(
        "Auth0's admin: Authentication, the connection (Database, Social, Enterprise), Settings: Promote Connection to"
        " Domain Level. Or by its Management API: PATCH /api/v2/connections/ID with is_domain_connection true.",
        "Or register a first-party application by hand, enable a connection for it (Applications, the application,"
        " Connections), and give its id: --set client_id=ID",
        "Then log in again.",
    ),
    sources=(
        "https://github.com/modelcontextprotocol/inspector/issues/556",
        "https://github.com/auth0/docs/issues/4498",
        "https://github.com/auth0/docs-v2/pull/870",
        "https://auth0.com/docs/authenticate/identity-providers/promote-connections-to-domain-level",
    ),
)(told.by_login)

cause(
    id="client-metadata-url-unusable",
    layer="registration",
    owner="you",
    title="The address of the client's metadata document is none that may be used.",
    explanation="A client can be known by the address of a document about itself. This has to be https, with a path,"
    " without a user name and without a fragment, and is the client's id to the letter.",
    fix=("Give the address where the document lies: --set client_metadata_url=https://HOST/PATH",),
    sources=(
        f"MCP-B4: {_WHERE}, Client ID Metadata Documents; draft-ietf-oauth-client-id-metadata-document-00 section 3",
    ),
)(told.by_login)

cause(
    id="public-client-flow-secret-required",
    layer="registration",
    owner="idp-admin",
    title="The identity provider wants a client secret from this client.",
    explanation="The client was registered as one that keeps a secret (Entra: its redirect URI stands under Web), and"
    " none was sent: AADSTS7000218.",
    fix=(
        "Entra's admin: App registrations, the app, Authentication: move the redirect URI to Mobile and desktop"
        " applications, and Allow public client flows: Yes.",
        "Or give the connection the client's secret: --secret client_secret=env:VAR",
    ),
    sources=(
        _CODES,
        "https://github.com/AzureAD/microsoft-authentication-library-for-js/issues/3273",
        "https://github.com/Azure-Samples/ms-identity-javascript-v2/issues/18",
    ),
)(told.by_login)

cause(
    id="public-client-must-not-send-secret",
    layer="registration",
    owner="you",
    title="This client is a public one, and its identity provider takes no secret from it.",
    explanation="A public client has no secret that it could keep; Entra refuses one from it: AADSTS700025.",
    fix=(
        "Set the connection up again without client_secret.",
        "Or, in Entra: App registrations, the app, Authentication: put the redirect URI under Web.",
    ),
    sources=(
        _CODES,
        "https://github.com/Azure-Samples/ms-identity-python-webapp/issues/113",
        "https://github.com/nextauthjs/next-auth/issues/6133",
    ),
)(told.by_login)

cause(
    id="stale-dynamic-client",
    layer="cache",
    owner="you",
    title="The identity provider does not know the client any more that was registered for this login.",
    explanation="A client that registered itself is kept here and at the provider. There it is gone: its store was lost"
    " at a restart, or such clients are removed after a while.",
    fix=(
        "Log in again, which registers a new one: authwizard login NAME",
        "If it comes back: the identity provider's admin has to keep registered clients over restarts.",
    ),
    sources=(
        "RFC 7591 section 5",
        "https://github.com/anthropics/claude-code/issues/84614",
        "https://github.com/supabase/mcp/issues/355",
        "https://github.com/PrefectHQ/fastmcp/issues/1762",
        "https://github.com/cloudflare/workers-oauth-provider/issues/201",
    ),
)(told.by_login)
