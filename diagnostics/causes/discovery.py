"""Layer discovery: who gives tokens for a server, as it and its authorization server say of themselves."""

from __future__ import annotations

from . import told
from .book import cause

_WHERE = "MCP 2026-07-28, Authorization Server Discovery"
_HTTPS = "MCP-D5: MCP 2026-07-28, Security Considerations, Communication Security"

cause(
    id="protected-resource-mismatch",
    layer="discovery",
    owner="server-admin",
    title="The server's metadata is that of another resource.",
    explanation="A server says in its protected resource metadata which resource it is, and a login asks for a token"
    " for that one. Where this is another host or another path than the address that was asked, the token would be for"
    " somebody else: a client has to refuse. Often a proxy changed the address, or the metadata was copied.",
    fix=(
        "Compare the address that you use with the `resource` in the metadata: host, port, path, http or https.",
        "If the one in the metadata is the right one, use that address.",
        "Else the server's admin: publish `resource` exactly as clients reach the endpoint, without a slash at its end,"
        " behind a proxy with the public address (X-Forwarded-Host, X-Forwarded-Proto).",
    ),
    sources=(
        f"MCP-A13: {_WHERE}; RFC 9728 section 3.3",
        "https://github.com/modelcontextprotocol/python-sdk/issues/1264",
        "https://github.com/zereight/gitlab-mcp/issues/586",
        "https://github.com/exa-labs/exa-mcp-server/issues/387",
        "https://github.com/anthropics/claude-ai-mcp/issues/560",
    ),
)(told.by_login)

cause(
    id="challenge-scheme-not-bearer",
    layer="http",
    owner="server-admin",
    title="The server asks for a login by another scheme than a bearer token's.",
    explanation="Its refusal names metadata, as a protected resource's does, but by a scheme of its own (Cloudflare"
    " Access does so). Most clients look for `Bearer` and never begin a login.",
    fix=(
        "The server's admin: answer 401 with WWW-Authenticate: Bearer resource_metadata=...",
        "To follow such a challenge all the same: --allow scheme-not-bearer",
    ),
    sources=(
        "MCP-A4: MCP 2026-07-28, Authorization Server Discovery, Protected Resource Metadata Discovery Requirements;"
        " RFC 9728 section 5.1",
        "https://github.com/getsentry/junior/issues/832",
    ),
)(told.by_login)

cause(
    id="resource-metadata-missing",
    layer="discovery",
    owner="server-admin",
    title="The server says that it has metadata about who gives tokens for it, and there is none that can be used.",
    explanation="Its refusal names an address where it says who gives tokens for it (protected resource metadata). What"
    " answers there is an error, or wants a login itself, or the address is of another origin, to which nobody should"
    " be sent by a challenge. So no client knows where to log in.",
    fix=(
        "The server's admin: answer /.well-known/oauth-protected-resource and the same followed by the endpoint's path"
        " with 200 and JSON, to anybody, at the server's own address.",
        "Exclude /.well-known/ from the server's login, and from a firewall's or gateway's rules before it.",
        "Until then: a token or API key, if the server takes one (--credential).",
    ),
    sources=(
        "MCP-A5, MCP-A6: MCP 2026-07-28, Authorization Server Discovery, Protected Resource Metadata Discovery"
        " Requirements; RFC 9728 sections 3.1 and 5.1",
        "https://github.com/akutishevsky/nutrition-mcp/issues/51",
        "https://github.com/code-yeongyu/oh-my-openagent/issues/2673",
        "https://github.com/iOfficeAI/AionCore/pull/988",
    ),
)(told.by_login)

cause(
    id="as-metadata-missing",
    layer="discovery",
    owner="server-admin",
    title="The authorization server publishes no metadata that can be used.",
    explanation="The server names who gives tokens for it, or is taken to do so itself. There, at the addresses where"
    " such metadata lies (RFC 8414, OpenID Connect Discovery), nothing was found: so nobody knows where to log in.",
    fix=(
        "The server's admin: write into `authorization_servers` the issuer whole, with its path: Keycloak"
        " https://HOST/realms/REALM; Entra https://login.microsoftonline.com/TENANT/v2.0; Okta"
        " https://ORG.okta.com/oauth2/ID; Cognito https://cognito-idp.REGION.amazonaws.com/POOL.",
        "The identity provider's admin: answer /.well-known/oauth-authorization-server (or openid-configuration) with"
        " 200 and JSON, without a login and without a firewall's page before it.",
        "Until then: a token or API key, if the server takes one (--credential).",
    ),
    sources=(
        f"MCP-A10, MCP-A11: {_WHERE}, Authorization Server Metadata Discovery; RFC 8414 section 3",
        "https://github.com/aws/amazon-q-developer-cli/issues/3638",
        "https://github.com/antvis/mcp-server-chart/issues/269",
        "https://github.com/anthropics/claude-code/issues/31349",
        "https://github.com/NousResearch/hermes-agent/issues/113771",
    ),
)(told.by_login)

cause(
    id="well-known-answers-200-with-html-or-empty-json",
    layer="discovery",
    owner="server-admin",
    title="Where metadata should lie, the server answers 200 with something else.",
    explanation="A web application that answers every unknown address with its start page, or with `{}`, does so at"
    " /.well-known/ too. Clients take the 200 for metadata, fail to read it, and say something about JSON.",
    fix=(
        "The server's admin: answer 404 where there is no metadata; exclude /.well-known/ from the application's"
        " catch-all route and from its login.",
        "If it should have metadata: publish it there, as application/json.",
    ),
    sources=(
        "RFC 9728 section 3.2; RFC 8414 section 3.2",
        "https://github.com/anthropics/claude-code/issues/56357",
        "https://github.com/mcp-use/mcp-use/issues/1840",
        "https://github.com/outline/outline/issues/11572",
    ),
)(told.by_login)

cause(
    id="as-metadata-issuer-mismatch",
    layer="discovery",
    owner="idp-admin",
    title="The authorization server's metadata belongs to another issuer.",
    explanation="Metadata names its issuer, and this must be to the letter the one that it was asked for: else anybody"
    " could publish another's login as their own. A slash at the end is a difference; so is another host name of the"
    " same Keycloak, or `common` in place of the tenant's id at Entra.",
    fix=(
        "The server's admin: write the issuer into `authorization_servers` exactly as its metadata names it.",
        "Keycloak's admin: fix the public name (KC_HOSTNAME=https://its-name), so that every address says the same.",
        "Entra: name the tenant by its id, https://login.microsoftonline.com/TENANT-ID/v2.0, not `common`.",
        "If only the slash at the end differs: --allow issuer-slash",
    ),
    sources=(
        f"MCP-A12: {_WHERE}, Authorization Server Metadata Discovery; RFC 8414 section 3.3",
        "https://github.com/stacklok/toolhive/issues/1825",
        "https://github.com/modelcontextprotocol/python-sdk/issues/3398",
        "https://github.com/anthropics/claude-code/issues/52354",
    ),
)(told.by_login)

cause(
    id="authorization-server-nearer-than-server",
    layer="discovery",
    owner="server-admin",
    title="The server sends the login into a private network.",
    explanation="A server on the internet names a login in a private network, or on this very machine. Following that,"
    " a program would ask addresses behind the firewall for whoever runs the server (SSRF). So it is not asked.",
    fix=(
        "Ask the server's admin whether that is right, and for a public address of the authorization server.",
        "If it is right, name it yourself: --set issuer=ISSUER",
    ),
    sources=("RFC 9728 section 7.7", "RFC 9700 section 4"),
)(told.by_login)

cause(
    id="authorization-server-not-https",
    layer="discovery",
    owner="idp-admin",
    title="The authorization server is reached over plain http.",
    explanation="Codes, tokens and client secrets go there, and anybody on the way could read them. Only on this"
    " machine itself is http good enough. Often a proxy ends TLS and the server behind it does not know.",
    fix=(
        "The identity provider's admin: serve it over https.",
        "Keycloak behind a proxy: KC_HOSTNAME=https://its-name and KC_PROXY_HEADERS=xforwarded.",
        "Or, in a network that you trust, allow it by name: --allow http",
    ),
    sources=(_HTTPS, "RFC 8414 section 6.1", "https://www.keycloak.org/server/reverseproxy"),
)(told.by_login)

cause(
    id="authorization-endpoint-unusable",
    layer="discovery",
    owner="idp-admin",
    title="The authorization server names an endpoint that is no address of the web.",
    explanation="Its metadata names an address such as javascript: or file:, or one that cannot be read. A browser that"
    " opened it would run what stands there; so nothing is opened.",
    fix=(
        "The identity provider's admin: correct the endpoints in the metadata; each begins with https://.",
        "If nobody there wrote it, somebody else did: do not log in at this server.",
    ),
    sources=(_HTTPS, "RFC 8414 section 2", "RFC 6749 section 3.1"),
)(told.by_login)

cause(
    id="authorization-endpoint-missing",
    layer="discovery",
    owner="idp-admin",
    title="The authorization server names no address for a login in the browser.",
    explanation="Its metadata has no authorization_endpoint: it gives tokens to programs, or by codes on another"
    " device, and logs nobody in with a browser.",
    fix=(
        "Sign in in another way: --method client_credentials, or --method device_code where it offers that.",
        "Or ask the identity provider's admin for one whose metadata names an authorization_endpoint.",
    ),
    sources=("RFC 8414 section 2", "RFC 6749 section 3.1"),
)(told.by_login)

cause(
    id="authorization-server-unreachable",
    layer="discovery",
    owner="idp-admin",
    title="An address that the authorization server names gives no answer.",
    explanation="Its metadata could be read, and what it names as the place where clients register, or where a login"
    " begins, is not there: it is an address inside of a network that is not reached from here, or nothing runs there.",
    fix=(
        "The identity provider's admin: name in the metadata addresses that are reached from outside (Keycloak behind a"
        " proxy: KC_HOSTNAME=https://its-public-name).",
        "Or reach that network (VPN, proxy), and try again.",
    ),
    sources=("RFC 8414 section 2", "https://www.keycloak.org/server/hostname"),
)(told.by_login)

cause(
    id="token-endpoint-missing",
    layer="discovery",
    owner="idp-admin",
    title="The authorization server names no token endpoint.",
    explanation="Without it no code and no secret can be exchanged for a token.",
    fix=(
        "The identity provider's admin: name token_endpoint in the metadata.",
        "A program that signs in by itself (client_credentials) can be told it: --set token_endpoint=ADDRESS",
    ),
    sources=("RFC 8414 section 2",),
)(told.by_login)

cause(
    id="device-flow-not-offered",
    layer="discovery",
    owner="idp-admin",
    title="The authorization server offers no login by a code on another device.",
    explanation="Its metadata names no device_authorization_endpoint. The device flow is no part of MCP, and many"
    " providers have it only where somebody switched it on.",
    fix=(
        "Log in with a browser instead: leave out --device.",
        "Or ask the identity provider's admin to allow it (Keycloak: Clients, the client, Settings, OAuth 2.0 Device"
        " Authorization Grant; Auth0: Applications, Settings, Advanced, Grant Types, Device Code).",
    ),
    sources=(
        "RFC 8628 section 4",
        "https://auth0.com/docs/get-started/authentication-and-authorization-flow/device-authorization-flow",
    ),
)(told.by_login)
