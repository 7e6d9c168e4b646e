"""A real issuer for clients with keys of their own, and for tokens that are bound to one."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Iterator

import httpx
from servers.keycloak import wanted
from servers.oidc_provider import HERE
from servers.real import free_port

RESOURCE = "https://mcp.example/mcp"


@contextlib.contextmanager
def provider(clients: list[dict[str, object]], *, nonces: bool = False) -> Iterator[str]:
    """oidc-provider with these clients (each by RFC 7591 section 2), until the block ends; its issuer."""
    place = wanted("AUTHWIZARD_CI_OIDC", "oidc")
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    own = {
        "grant_types": ["client_credentials"],
        "redirect_uris": [],
        "response_types": [],
        "scope": "read",
    }
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "HOME")}
    process = subprocess.Popen(
        [str(place / "node_modules/node/bin/node"), str(HERE / "keyed_provider.mjs"), str(port)],
        env={
            **kept,
            "NODE_ENV": "test",
            "OIDC_FOLDER": str(place),
            "OIDC_CLIENTS": json.dumps([{**own, **client} for client in clients]),
            "OIDC_RESOURCE": RESOURCE,
            "KEYED_NONCES": "yes" if nonces else "",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        deadline = time.monotonic() + 60
        while True:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{issuer}/jwks", timeout=5, trust_env=False).status_code == 200:
                    break
            if process.poll() is not None:
                assert process.stderr is not None
                raise AssertionError(process.stderr.read().decode()[-2000:])
            assert time.monotonic() < deadline, "oidc-provider did not start"
            time.sleep(0.05)
        yield issuer
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stderr is not None:
            process.stderr.close()
