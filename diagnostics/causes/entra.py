"""What Microsoft Entra ID refuses, told by the number in its words (`diagnostics/packs/entra.toml`)."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from wizard.livetest import Evidence

from ..facts import JwtView, ResourceMetadata
from ..facts.wire import Differential
from .book import Verdict, cause, proven
from .packed import OF_A_LOGIN, by_pack

_CODES: Final = "https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes"
_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_HOSTS: Final = ("login.microsoftonline.", "sts.windows.net", "login.partner.microsoftonline.")

cause(
    id="entra-unqualified-scope-resolves-to-graph",
    layer="scope",
    owner="you",
    title="A scope was asked for without the API that it belongs to, so Entra looked for it in Microsoft Graph.",
    explanation="In Entra a scope belongs to an API and is written with it: api://APP-ID/SCOPE. A bare name is"
    " taken for"
    " one of Microsoft Graph (00000003-0000-0000-c000-000000000000), which has none of that name.",
    fix=(
        "Ask for the scope whole: --scopes api://APP-ID/SCOPE",
        "The server's admin: publish the scopes in full in scopes_supported and in the challenge.",
    ),
    sources=(
        "https://github.com/anthropics/claude-code/issues/73460",
        "https://github.com/O365/python-o365/issues/551",
        "https://github.com/MicrosoftDocs/azure-docs/issues/37280",
    ),
    explains=(*OF_A_LOGIN, "insufficient-scope"),
    standing=True,
)(by_pack)

cause(
    id="consent-missing-entra",
    layer="scope",
    owner="idp-admin",
    title="Nobody has consented to this application's access yet, and you may not do it yourself.",
    explanation="In Entra an application gets a token for an API only after the user, or an admin for everybody, has"
    " consented. Many tenants leave that to admins alone, and some permissions always are.",
    fix=(
        "Log in again and accept what the page asks for, where it lets you.",
        "To the identity provider's admin: \"Please grant admin consent to this application (Enterprise applications,"
        ' the app, Permissions), or pre-authorize it at the API."',
    ),
    sources=(
        _CODES,
        "https://learn.microsoft.com/en-us/entra/identity/enterprise-apps/application-sign-in-unexpected-user-consent-error",
        "https://github.com/microsoft/mattercenter/issues/656",
        "https://github.com/Azure-Samples/active-directory-dotnet-native-headless/issues/10",
    ),
    explains=OF_A_LOGIN,
    standing=True,
)(by_pack)


@cause(
    id="entra-wrong-tenant-or-account",
    layer="tenant",
    owner="you",
    title="The login was at another Entra tenant than the application, or the account, belongs to.",
    explanation="An account and an application belong to a tenant. A login at another one, or at `common` where the"
    " application does not allow it, is refused; a token of another tenant is one that a server does not take.",
    fix=(
        "Name the right tenant in the issuer: https://login.microsoftonline.com/TENANT-ID/v2.0",
        "Log out of other Microsoft accounts (or use a private window), and log in with the account of that tenant.",
        "The identity provider's admin: invite the account as a guest, or give the application consent in the tenant.",
    ),
    sources=(
        _CODES,
        "https://github.com/O365/python-o365/issues/1119",
        "https://github.com/MicrosoftDocs/azure-docs/issues/118443",
        "https://github.com/wpo365/wpo365-login/issues/36",
        "https://github.com/microsoftgraph/aspnet-connect-rest-sample/issues/33",
    ),
    explains=(*OF_A_LOGIN, "wrong-environment-url", "audience-not-bound-to-resource", "token-not-recognised"),
    standing=True,
)
def other_tenant(
    differential: Differential | None, jwt: JwtView | None, metadata: ResourceMetadata | None
) -> Verdict | None:
    """The token is of one tenant, and the server says that it takes those of another (`packs` hears the rest)."""
    if differential is None or jwt is None or metadata is None or not differential.judged.refused:
        return None
    mine = _tenant(str(jwt.claims.get("iss") or "")) or (
        str(jwt.claims.get("tid") or "").lower() if _GUID.fullmatch(str(jwt.claims.get("tid") or "")) else ""
    )
    wanted = [t for server in metadata.authorization_servers if (t := _tenant(server))]
    if not mine or not wanted or mine in wanted:
        return None
    return proven(
        Evidence("jwt", f"the token is of the tenant {mine}"),
        Evidence("metadata", f"the server takes tokens of the tenant {', '.join(wanted)}"),
        Evidence("differential", f"the server {differential.judged.gives()}"),
        title=f"The token is of the Entra tenant {mine}; this server takes those of {wanted[0]}.",
        fix=(
            f"Log in at https://login.microsoftonline.com/{wanted[0]}/v2.0, with an account of that tenant.",
        ),
    )


def _tenant(address: str) -> str:
    """The tenant's id in an address of Entra; empty where it names none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    host = (parts.hostname or "").lower()
    found = _GUID.search(parts.path) if host.startswith(_HOSTS) else None
    return found[0].lower() if found else ""


cause(
    id="conditional-access-blocked",
    layer="tenant",
    owner="idp-admin",
    title="A Conditional Access policy of the company does not let this sign-in through.",
    explanation="Entra judges each sign-in by the company's policies: which device, from where, with which second"
    " factor,"
    " by which application. The credential may be right. A server that asks Entra in your name is judged once more, as"
    " an application of its own.",
    fix=(
        "Log in from a device that your company manages, with the second factor.",
        "To the identity provider's admin: \"A Conditional Access policy blocks this sign-in; the error's Correlation"
        ' ID leads to it in the sign-in logs."',
    ),
    sources=(
        _CODES,
        "https://github.com/microsoft/azure-devops-mcp/issues/776",
        "https://github.com/anthropics/claude-plugins-official/issues/1494",
        "https://github.com/Azure/azure-cli/issues/32809",
        "https://github.com/AzureAD/microsoft-authentication-library-for-java/issues/597",
        "https://github.com/anthropics/claude-ai-mcp/issues/290",
    ),
    explains=OF_A_LOGIN,
    standing=True,
)(by_pack)

cause(
    id="spa-redirect-platform-mismatch",
    layer="redirect",
    owner="idp-admin",
    title="The redirect URI is registered for another platform than the one that asks.",
    explanation="Entra gives a code to a page in the browser (single-page application) only for a request that a"
    " browser"
    " sends across origins, and to a program on a computer only for one without. The platform under which the redirect"
    " URI is registered says which.",
    fix=(
        "The identity provider's admin: Authentication of the app registration; move the redirect URI to Mobile and"
        " desktop applications (for a page in the browser: to Single-page application).",
    ),
    sources=(
        "https://github.com/Azure-Samples/ms-identity-javascript-angular-tutorial/issues/37",
        "https://github.com/AzureAD/microsoft-authentication-library-for-js/issues/2482",
        "https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow",
    ),
    explains=OF_A_LOGIN,
    standing=True,
)(by_pack)
