"""The MCP SDK's own client under the conformance suite, with every helper that it documents: ``sdk_client.py URL``.

The peer of `conformance.py`. It lists the tools and calls the first one. The suite's authorization servers redirect at
once, so "the browser" is one GET within the same process.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.auth.extensions.client_credentials import (
    ClientCredentialsOAuthProvider,
    PrivateKeyJWTOAuthProvider,
    SignedJWTParameters,
)
from mcp.client.auth.extensions.identity_assertion import IdentityAssertionOAuthProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken

CALLBACK = "http://localhost:3030/callback"
METADATA_URL = "https://conformance-test.local/client-metadata.json"


class Memory:
    """Tokens and registration of one run."""

    def __init__(self, client: OAuthClientInformationFull | None = None) -> None:
        self.client, self.tokens = client, None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


def interactive(url: str, given: dict[str, str]) -> OAuthClientProvider:
    """Authorization code, with the registration that was given or that it makes."""
    answered: dict[str, list[str]] = {}

    async def browse(address: str) -> None:
        async with httpx2.AsyncClient() as http:
            location = (await http.get(address, follow_redirects=False)).headers["location"]
        answered.update(parse_qs(urlsplit(location).query))

    async def come_back() -> AuthorizationCodeResult:
        one = {name: values[0] for name, values in answered.items()}
        return AuthorizationCodeResult(code=one["code"], state=one.get("state"), iss=one.get("iss"))

    known = None
    if "client_id" in given:
        known = OAuthClientInformationFull(
            client_id=given["client_id"],
            client_secret=given.get("client_secret"),
            redirect_uris=[CALLBACK],
            token_endpoint_auth_method="client_secret_basic",
            issuer=given.get("issuer"),
        )
    metadata = OAuthClientMetadata(client_name="sdk", redirect_uris=[CALLBACK])
    return OAuthClientProvider(
        url, metadata, Memory(known), browse, come_back, client_metadata_url=METADATA_URL
    )


async def enterprise(url: str, given: dict[str, str]) -> IdentityAssertionOAuthProvider:
    """The second leg is the SDK's; the first is left to its caller by its documentation."""
    where = urlsplit(url)
    prm = f"{where.scheme}://{where.netloc}/.well-known/oauth-protected-resource{where.path}"
    async with httpx2.AsyncClient() as http:
        issuer = (await http.get(prm)).json()["authorization_servers"][0]

    async def assertion(audience: str, resource: str) -> str:
        form = {
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "requested_token_type": "urn:ietf:params:oauth:token-type:id-jag",
            "subject_token": given["idp_id_token"],
            "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
            "audience": audience,
            "resource": resource,
            "client_id": given["idp_client_id"],
        }
        async with httpx2.AsyncClient() as http:
            return str((await http.post(given["idp_token_endpoint"], data=form)).json()["access_token"])

    return IdentityAssertionOAuthProvider(
        url,
        Memory(),
        given["client_id"],
        given["client_secret"],
        issuer,
        assertion,
        token_endpoint_auth_method="client_secret_basic",
    )


async def provider(url: str, scenario: str, given: dict[str, str]) -> Any:
    """The SDK's helper for what was given."""
    if scenario == "auth/client-credentials-basic":
        return ClientCredentialsOAuthProvider(url, Memory(), given["client_id"], given["client_secret"])
    if scenario == "auth/client-credentials-jwt":
        signed = SignedJWTParameters(
            issuer=given["client_id"],
            subject=given["client_id"],
            signing_key=given["private_key_pem"],
            signing_algorithm=given["signing_algorithm"],
        )
        return PrivateKeyJWTOAuthProvider(
            url, Memory(), given["client_id"], signed.create_assertion_provider()
        )
    if scenario == "auth/enterprise-managed-authorization":
        return await enterprise(url, given)
    return interactive(url, given)


async def main(url: str) -> None:
    """List the tools and call the first."""
    given = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT", "{}"))
    auth = await provider(url, os.environ["MCP_CONFORMANCE_SCENARIO"], given)
    async with (
        httpx2.AsyncClient(auth=auth, timeout=25) as http,
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        tools = (await client.list_tools()).tools
        await client.call_tool(tools[0].name, {})


asyncio.run(main(sys.argv[1]))
