"""Layer audience: Entra compares the resource that a login names with the API of its scopes."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from wizard.livetest import Evidence

from ..facts import ResourceMetadata
from ..facts.refused import Refusals
from ..facts.wire import Differential
from .book import Verdict, cause, likely
from .packed import OF_A_LOGIN

_CODES: Final = "https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes"
_ENTRA: Final = re.compile(
    r"login\.(?:microsoftonline\.(?:com|us)|partner\.microsoftonline\.cn|windows\.net)"
)
_NOT_OF_AN_API: Final = frozenset({"openid", "profile", "email", "offline_access"})


@cause(
    id="resource-scope-conflict-aadsts9010010",
    layer="audience",
    owner="server-admin",
    title="Entra refuses the login: the resource that it names is not the API that its scopes belong to.",
    explanation="MCP has a login name the server's address as `resource`. Entra looks up the API with that address, and"
    " compares it with the API before the last slash of each scope. Where they are two, or no API has that address, it"
    " answers AADSTS9010010.",
    fix=(
        "To Entra's admin: \"Please add the server's address, exactly as its metadata names it in `resource`, to the"
        ' API: App registrations, the API, Expose an API, Application ID URI (identifierUris in the manifest)."',
        "Or to the server's admin: \"Please name the API's Application ID URI (api://...) as `resource` in"
        ' /.well-known/oauth-protected-resource, or scopes that begin with the resource."',
        "Until then: a client that leaves `resource` out logs in (mcp-remote --disable-resource-parameter).",
    ),
    sources=(
        _CODES,
        "https://github.com/microsoft/powerbi-modeling-mcp/issues/68",
        "https://github.com/microsoft/vscode/issues/321249",
        "https://github.com/punkpeye/mcp-remote/issues/217",
        "https://github.com/microsoft/azure-devops-mcp/issues/1601",
        "https://github.com/CyberDrain/CIPP/issues/351",
    ),
    explains=OF_A_LOGIN,
)
def scope_conflict(
    metadata: ResourceMetadata,
    differential: Differential,
    refusals: Refusals | None,  # noqa: ARG001  the packs read them
) -> Verdict | None:
    """Entra's own number proves it (the packs). By the metadata it is likely, for an API can have several names, and
    only where a login comes next."""
    if differential.real is not None or differential.none.accepted or not _asks_entra(metadata):
        return None
    apis = {_api(s) for s in metadata.scopes if "/" in s} - {""}
    if not metadata.resource or not apis or any(_alike(a, metadata.resource) for a in apis):
        return None
    named = ", ".join(sorted(apis)[:3])
    return likely(
        Evidence("metadata", f"{metadata.url}: resource {metadata.resource}"),
        Evidence("metadata", f"its scopes are those of {named}"),
        Evidence("metadata", f"its authorization server is Entra: {metadata.authorization_servers[0]}"),
        title=f"Entra may refuse the login (AADSTS9010010): the resource is `{metadata.resource}`, the scopes are of"
        f" `{named}`.",
        fix=(
            f"To Entra's admin: \"Please add `{metadata.resource}` to the API `{named}`: App registrations, the API,"
            ' Expose an API, Application ID URI (identifierUris in the manifest)."',
            f'Or to the server\'s admin: "Please name `{sorted(apis)[0]}` as `resource` in {metadata.url}."',
            "Until then: a client that leaves `resource` out logs in (mcp-remote --disable-resource-parameter).",
        ),
    )


@cause(
    id="resource-principal-not-found-aadsts500011",
    layer="audience",
    owner="idp-admin",
    title="Entra finds no API by the name that was asked for.",
    explanation="A scope, or `resource`, names an API by its Application ID URI. Entra answers AADSTS500011 where no"
    " application of the tenant has that URI: it was never set, is written otherwise, or the API is in another tenant.",
    fix=(
        "To Entra's admin: \"Please look up the name that the error quotes. App registrations, the API, Expose an API:"
        " its Application ID URI must be exactly that; for an API of another tenant, consent to it here, so that it"
        ' has a service principal."',
        "To the server's admin: \"Please publish scopes that begin with the API's Application ID URI, as"
        " api://CLIENT-ID/user_impersonation (Azure App Service: WEBSITE_AUTH_PRM_DEFAULT_WITH_SCOPES); an address"
        ' below azurewebsites.net is none."',
        "If you have several tenants: name the right one in the issuer's address.",
    ),
    sources=(
        _CODES,
        "https://github.com/CyberDrain/CIPP/issues/159",
        "https://github.com/Azure-Samples/azure-search-openai-demo/issues/1969",
        "https://github.com/AzureAD/microsoft-authentication-library-for-objc/issues/1261",
        "https://learn.microsoft.com/azure/app-service/configure-authentication-mcp",
    ),
    explains=OF_A_LOGIN,
)
def not_found(
    metadata: ResourceMetadata,
    differential: Differential,
    refusals: Refusals | None,  # noqa: ARG001  the packs read them
) -> Verdict | None:
    """Entra's own number proves it (the packs). Likely where a scope is of an address that no tenant can verify."""
    if differential.real is not None or differential.none.accepted or not _asks_entra(metadata):
        return None
    scope = next((s for s in metadata.scopes if _host(s).endswith(".azurewebsites.net")), "")
    if not scope:
        return None
    return likely(
        Evidence("metadata", f"{metadata.url}: scopes_supported {scope}"),
        Evidence("metadata", "an address below azurewebsites.net is no verified domain of a tenant"),
        title=f"Entra may know no API by the name in the scope `{scope}` (AADSTS500011).",
    )


def _asks_entra(metadata: ResourceMetadata) -> bool:
    return any(_ENTRA.fullmatch(_host(url)) for url in metadata.authorization_servers)


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _api(scope: str) -> str:
    """The API that a scope of Entra is of: all before its last slash."""
    return "" if scope in _NOT_OF_AN_API else scope.rpartition("/")[0].rstrip("/")


def _alike(api: str, resource: str) -> bool:
    return api.lower() == resource.lower().rstrip("/")
