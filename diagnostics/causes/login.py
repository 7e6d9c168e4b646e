"""Layers pkce and redirect, and what else a login in the browser, or by a code on another device, can come to."""

from __future__ import annotations

from . import told
from .book import cause

_RESPONSE = "MCP 2026-07-28, Overview, Authorization Response Validation"
_LOOPBACK = "RFC 8252 section 7.3"

cause(
    id="pkce-not-advertised",
    layer="pkce",
    owner="idp-admin",
    title="The authorization server does not say that it knows PKCE with S256.",
    explanation="PKCE keeps whoever catches the code of a login from using it. MCP has a client read in the metadata"
    " whether the server knows it, and go no further where `code_challenge_methods_supported` lacks S256. Entra, Azure"
    " B2C and Cognito know it and do not say so.",
    fix=(
        "The identity provider's admin: publish code_challenge_methods_supported with S256 (a proxy before Entra or"
        " Cognito can add it to the metadata).",
        "If you know that it takes PKCE, as Entra and Cognito do: --allow pkce-not-advertised",
    ),
    sources=(
        "MCP-D2: MCP 2026-07-28, Security Considerations, Authorization Code Protection",
        "https://github.com/anthropics/claude-ai-mcp/issues/946",
        "https://github.com/anthropics/claude-code/issues/13275",
        "https://github.com/zed-industries/zed/issues/60358",
        "https://github.com/empires-security/mcp-oauth2-aws-cognito/issues/9",
    ),
)(told.by_login)

cause(
    id="redirect-uri-not-registered",
    layer="redirect",
    owner="idp-admin",
    title="The authorization server does not accept this client with this redirect URI.",
    explanation="After a login the browser is sent to the client's redirect URI, and only to one that is registered:"
    " scheme, host, port and path are compared (`localhost` and `127.0.0.1` are two hosts). Else the server"
    " shows a page and never sends the browser back.",
    fix=(
        "Register the redirect URI of this login, to the letter (the evidence names it). Keycloak: Clients, the client,"
        " Settings, Valid redirect URIs. Entra: App registrations, the app, Authentication, Mobile and desktop"
        " applications. Cognito: App clients, the client, Login pages, Allowed callback URLs. Okta: Applications, the"
        " app, General, Sign-in redirect URIs. Auth0: Applications, the application, Settings, Allowed Callback URLs.",
        "Or use the one that is registered: --set redirect_uri=URI",
        "Compare the client id with what the identity provider shows; its admin knows whether the client still exists.",
    ),
    sources=(
        "RFC 6749 section 3.1.2.4",
        _LOOPBACK,
        "https://github.com/cognizant-ai-lab/nsflow/issues/233",
        "https://github.com/honojs/middleware/issues/1823",
        "https://github.com/PrefectHQ/fastmcp/issues/2139",
        "https://github.com/anthropics/claude-code/issues/82096",
    ),
)(told.by_login)

cause(
    id="client-id-not-known",
    layer="registration",
    owner="you",
    title="The authorization server does not know this client id.",
    explanation="Before anybody logs in, the server looks the client up by its id. One that it does not know (mistyped,"
    " deleted, or made in another realm, tenant or environment) gets a page that says so, and the browser is never sent"
    " back.",
    fix=(
        "Compare the client id with what the identity provider shows, in the realm or tenant of this issuer.",
        "Give the right one: --set client_id=ID",
        "If the client was deleted: have the identity provider's admin make a new one.",
    ),
    sources=(
        "RFC 6749 section 4.1.2.1",
        "https://learn.microsoft.com/en-us/troubleshoot/entra/entra-id/app-integration/error-code-aadsts700016-app-not-found-in-directory",
    ),
)(told.by_login)

cause(
    id="authorization-refused",
    layer="redirect",
    owner="idp-admin",
    title="The authorization server refused the login.",
    explanation="It sent the browser back with an error, or refused the very address of the login.",
    fix=(
        "Read what it says, then compare client id, scopes and redirect URI with what the identity provider shows.",
        "Ask the identity provider's admin; its log says more than a browser is told.",
    ),
    sources=("RFC 6749 section 4.1.2.1", "OpenID Connect Core section 3.1.2.6"),
)(told.by_login)

cause(
    id="login-denied",
    layer="redirect",
    owner="you",
    title="The login was refused, or consent was not given.",
    explanation="Whoever sat before the browser said no, or the provider did in their place: the account is none of"
    " those that may use this client (Google: an app in testing lets only its test users in; Entra: user assignment"
    " required).",
    fix=(
        "Log in again and allow what the page asks for, with the right account.",
        "If you did: ask the identity provider's admin to let you in. Google: Google Auth Platform, Audience, Test"
        " users. Entra: Enterprise applications, the app, Users and groups.",
    ),
    sources=(
        "RFC 6749 section 4.1.2.1",
        "RFC 8628 section 3.5",
        "https://github.com/taylorwilsdon/google_workspace_mcp/issues/126",
        "https://github.com/mbrt/gmailctl/issues/353",
    ),
)(told.by_login)

cause(
    id="authorization-server-error",
    layer="redirect",
    owner="idp-admin",
    title="The authorization server failed by itself.",
    explanation="It sent the browser back with server_error or temporarily_unavailable: nothing that a client sends is"
    " the reason.",
    fix=("Try again later.", "If it goes on, tell the identity provider's admin when it was."),
    sources=("RFC 6749 section 4.1.2.1",),
)(told.by_login)

cause(
    id="authorization-response-without-code",
    layer="redirect",
    owner="idp-admin",
    title="The login came back without a code, and without a reason.",
    explanation="The browser returned to this program with neither code nor error. Some servers answer so who give the"
    " token itself in the address (implicit grant), which OAuth 2.1 and MCP do not allow.",
    fix=(
        "The identity provider's admin: allow the client the authorization code flow (response_type=code).",
        "Log in again; if it was a page that somebody opened by hand, close it.",
    ),
    sources=("RFC 6749 section 4.1.2", "RFC 9700 section 2.1.2"),
)(told.by_login)

cause(
    id="authorization-response-issuer-mismatch",
    layer="redirect",
    owner="idp-admin",
    title="The login's answer does not come from the issuer that was asked.",
    explanation="An authorization server can name itself in the answer (`iss`). Where it says that it does and this is"
    " missing, or it is another, a client must not use the code: so a login is led astray between two servers (mix-up"
    " attack). More often the server behind a proxy writes its own name differently in the two places.",
    fix=(
        "The identity provider's admin: `iss` in the response must be to the letter the issuer of the metadata; where"
        " it is not sent, authorization_response_iss_parameter_supported must not be true.",
        "If nobody there can explain it, do not log in at this server.",
    ),
    sources=(f"MCP-C6, MCP-C7: {_RESPONSE}; RFC 9207 section 2.4", "RFC 9700 section 4.4"),
)(told.by_login)

cause(
    id="id-token-not-for-this-login",
    layer="redirect",
    owner="idp-admin",
    title="The ID token that came with the login does not belong to it.",
    explanation="An ID token repeats the nonce of the login that it is of, and names its issuer and the client. One"
    " that differs was made for another login: nothing that came with it is used.",
    fix=(
        "Log in again, once.",
        "If it comes back: the identity provider's admin has to look why nonce, iss or aud of its ID tokens differ.",
    ),
    sources=("OpenID Connect Core section 3.1.3.7",),
)(told.by_login)

cause(
    id="authorization-code-refused",
    layer="redirect",
    owner="idp-admin",
    title="The token endpoint does not take the code of this login.",
    explanation="A code is good once, for a minute or so, for the client, redirect URI and PKCE verifier that it was"
    " asked for with. This login sent it once, with all of these. So it was used before on its way (by a proxy that"
    " repeats what it sends), or the server that is asked now is not the one that gave it (several behind one address"
    " that do not share their codes), or its clock is off.",
    fix=(
        "Log in again, once.",
        "If it comes back: the identity provider's admin finds the reason in its log (Keycloak: Events,"
        " CODE_TO_TOKEN_ERROR; Entra: Sign-in logs). Let its servers share their sessions.",
    ),
    sources=("RFC 6749 section 4.1.2", "RFC 6749 section 5.2", "RFC 7636 section 4.6"),
)(told.by_login)

cause(
    id="scope-not-known-at-issuer",
    layer="scope",
    owner="server-admin",
    title="The authorization server does not know a scope that was asked for.",
    explanation="Which scopes are asked for says the server: in its challenge, else in its metadata. The authorization"
    " server does not have one of them, or does not give it to this client.",
    fix=(
        "Ask for less: --scopes SCOPES, or --set scope=SCOPES",
        "Keycloak: Client scopes, and Clients, the client, Client scopes. Cognito: Branding, Resource servers, and App"
        " clients, the client, Login pages, Custom scopes. Okta: Security, API, the authorization server, Scopes."
        " Auth0: Applications, APIs, the API, Permissions. Entra: write them whole, api://APP-ID/SCOPE.",
        "The server's admin: name in scopes_supported and in the challenge only scopes that clients can get.",
    ),
    sources=(
        "MCP-C1, MCP-C2: MCP 2026-07-28, Overview, Scope Selection Strategy; RFC 6749 section 4.1.2.1",
        "https://github.com/anthropics/claude-code/issues/34371",
        "https://github.com/openchoreo/openchoreo/issues/3217",
        "https://github.com/Chainlit/chainlit/issues/2136",
    ),
)(told.by_login)

cause(
    id="resource-not-accepted",
    layer="audience",
    owner="idp-admin",
    title="The authorization server does not know the resource that was named.",
    explanation="MCP has a login say for which server its token is to be (`resource`, RFC 8707). This authorization"
    " server does not know that one, or not with these scopes (Entra: AADSTS9010010).",
    fix=(
        "The identity provider's admin: add the server's address as a resource (Entra: App registrations, the API,"
        " Expose an API, Application ID URI; Auth0: Applications, APIs, Identifier; Okta: Security, API, the"
        " authorization server, Audience).",
        "If it knows the server by another name: --set resource=NAME",
    ),
    sources=(
        "MCP-C9: MCP 2026-07-28, Overview, Resource Parameter Implementation; RFC 8707 section 2",
        "https://github.com/microsoft/powerbi-modeling-mcp/issues/68",
        "https://github.com/microsoft/vscode/issues/321249",
        "https://github.com/anthropics/claude-code/issues/52871",
    ),
)(told.by_login)

cause(
    id="device-answer-unusable",
    layer="redirect",
    owner="idp-admin",
    title="The authorization server's answer for the login by a code cannot be used.",
    explanation="It has to hold a code to be typed and the https address of the page for it.",
    fix=("Tell the identity provider's admin.", "Log in with a browser instead: leave out --device."),
    sources=("RFC 8628 section 3.2",),
)(told.by_login)

cause(
    id="device-code-expired",
    layer="redirect",
    owner="you",
    title="Nobody finished the login before its code ended.",
    explanation="A code for a login on another device lives for some minutes. After that it is void.",
    fix=("Start the login again; it shows a new code.", "Go on at the page until it says that it is done."),
    sources=("RFC 8628 section 3.5",),
)(told.by_login)
