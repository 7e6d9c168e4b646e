"""The client that MCP's conformance suite starts: its words in the environment become options of `authwizard test`.

``python client.py URL``. The suite names the scenario in MCP_CONFORMANCE_SCENARIO and gives what a person would have
been given beforehand in MCP_CONFORMANCE_CONTEXT (JSON). Secrets go on in variables; the verdict is the program's own.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

METADATA_URL: Final = "https://conformance-test.local/client-metadata.json"
_SECONDS: Final = "25"
"""Less than the suite's own 30, so that the program's answer says what it waited for."""

_METHODS: Final = {
    "auth/basic-cimd": "authorization_code",
    "auth/pre-registration": "authorization_code",
    "auth/2025-03-26-oauth-endpoint-fallback": "authorization_code",
    "auth/client-credentials-jwt": "client_credentials",
    "auth/client-credentials-basic": "client_credentials",
    "auth/enterprise-managed-authorization": "token_exchange",
    "auth/wif-jwt-bearer": "jwt_bearer",
}
"""What a person chooses who was given these things; elsewhere the server's metadata says how to sign in."""

_PLAIN: Final = (
    "client_id",
    "issuer",
    "signing_algorithm",
    "idp_issuer",
    "idp_token_endpoint",
    "idp_client_id",
)
_SECRET: Final = {
    "client_secret": "client_secret",
    "private_key_pem": "private_key",
    "idp_id_token": "idp_id_token",
    "valid_jwt": "assertion",
}


def options(scenario: str, context: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """The options, and the variables that they name."""
    words, variables = [], {}
    if method := _METHODS.get(scenario):
        words += ["--method", method]
    for field in _PLAIN:
        if field in context:
            words += ["--set", f"{field}={context[field]}"]
    for given, field in _SECRET.items():
        if given in context:
            variable = f"GIVEN_{field.upper()}"
            variables[variable] = context[given]
            words += ["--secret", f"{field}=env:{variable}"]
    if scenario == "auth/basic-cimd":
        words += ["--set", f"client_metadata_url={METADATA_URL}"]
    return words, variables


def main() -> None:
    """Be `authwizard test`, as `python -m wizard` is."""
    context = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT", "{}"))
    words, variables = options(os.environ["MCP_CONFORMANCE_SCENARIO"], context)
    browser = Path(__file__).with_name("browser.py")
    words = ["test", sys.argv[1], *words, "--call", "test-tool", "--timeout", _SECONDS, "--json"]
    for name in [name for name in os.environ if name.startswith("MCP_CONFORMANCE_")]:
        del os.environ[name]
    os.environ |= {**variables, "BROWSER": f"{sys.executable} -I -S {browser} %s"}
    sys.argv = ["authwizard", *words]
    runpy.run_module("wizard", run_name="__main__")


if __name__ == "__main__":
    main()
