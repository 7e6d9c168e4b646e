"""What the tests of `import --env` share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

HELD = ("client_id", "client_secret", "egress_token", "cloud_id")


def folder(home: Path, url: str, held: Mapping[str, str]) -> Path:
    """A gateway's folder with these credentials, for the gateway at this address."""
    root = home / "gw"
    oauth = root / "credentials-provider" / "oauth"
    oauth.mkdir(parents=True)
    (root / ".env").write_text(f"REGISTRY_URL={url}\nADMIN_USER=admin\n", encoding="utf-8")
    (oauth / ".env").write_text(
        "# mine\n"
        "AUTH_PROVIDER=keycloak\n"
        f"export KEYCLOAK_URL='{url}' # here\n"
        "KEYCLOAK_REALM=mcp-gateway\n"
        f'KEYCLOAK_M2M_CLIENT_ID="{held["client_id"]}"\n'
        f"KEYCLOAK_M2M_CLIENT_SECRET={held['client_secret']}\n\n"
        "EGRESS_OAUTH_CLIENT_ID_1=app\n"
        "EGRESS_OAUTH_CLIENT_SECRET_1=anything\n"
        "EGRESS_OAUTH_REDIRECT_URI_1=http://localhost:9999/callback\n"
        "EGRESS_PROVIDER_NAME_1=atlassian\n"
        "EGRESS_MCP_SERVER_NAME_1=atlassian\n",
        encoding="utf-8",
    )
    (oauth / ".env").chmod(0o600)
    (oauth / "oauth_providers.yaml").write_text(
        "providers:\n  atlassian:\n    display_name: Atlassian Cloud\n"
        "    auth_url: https://auth.atlassian.com/authorize\n    token_url: https://auth.atlassian.com/oauth/token\n"
        "    requires_cloud_id: true\n    colour: blue\n",
        encoding="utf-8",
    )
    kept = root / ".oauth-tokens"
    kept.mkdir(mode=0o700)
    token = {"provider": "atlassian", "access_token": held["egress_token"], "cloud_id": held["cloud_id"]}
    (kept / "atlassian-atlassian-egress.json").write_text(json.dumps(token), encoding="utf-8")
    (kept / "atlassian-atlassian-egress.json").chmod(0o600)
    return root
