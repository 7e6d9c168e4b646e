"""A gateway's ``.env``, empty and explained, for a person to fill in."""

from __future__ import annotations

from typing import Final

from .env import COGNITO, KEYCLOAK

AGENT_FILES: Final = frozenset({".env.agent", ".env.user"})
"""Files that the gateway's example agent reads: they say ``COGNITO_…`` where the others say ``INGRESS_OAUTH_…``."""

_HEAD: Final = """\
# How to sign in to an MCP gateway and to the servers behind it.
# Keep it to yourself (chmod 600), and out of version control.
# Then: authwizard import --env {name}

# The gateway's own address, without a server's name: https://mcpgateway.example.com
REGISTRY_URL=

# Who issues the gateway's tokens: keycloak or cognito.
AUTH_PROVIDER={provider}
"""

_KEYCLOAK: Final = """
# Keycloak: a service account for your agent, from the gateway's administrator.
# Its address without /realms, the realm (not master), the client's id in the form agent-NAME-m2m, and its secret.
KEYCLOAK_URL=
KEYCLOAK_REALM=mcp-gateway
KEYCLOAK_M2M_CLIENT_ID=
KEYCLOAK_M2M_CLIENT_SECRET=
"""

_COGNITO: Final = """
# Amazon Cognito: an app client for machine-to-machine use.
# The pool's id begins with its region: us-east-1_ and nine letters and digits.
AWS_REGION=us-east-1
{prefix}_USER_POOL_ID=
{prefix}_CLIENT_ID=
{prefix}_CLIENT_SECRET=
# Its domain, where it is not the pool's id without the underscore:
# COGNITO_DOMAIN=
"""

_EGRESS: Final = """
# Servers behind the gateway that want a sign-in of their own: one set each, numbered 1 to 100 without a gap.
# The app is one that you made at the provider (atlassian, google, github ...), with this very redirect URI.
# EGRESS_PROVIDER_NAME_1=atlassian
# EGRESS_MCP_SERVER_NAME_1=atlassian
# EGRESS_OAUTH_CLIENT_ID_1=
# EGRESS_OAUTH_CLIENT_SECRET_1=
# EGRESS_OAUTH_REDIRECT_URI_1=http://localhost:9999/callback
# Other scopes than the provider's usual ones, with spaces between, in quotes:
# EGRESS_OAUTH_SCOPE_1=
"""


def template(name: str, provider: str = KEYCLOAK) -> str:
    """The text of a file of this name for this provider; the other provider's lines are there as comments."""
    agent = name in AGENT_FILES
    cognito = _COGNITO.format(prefix="COGNITO" if agent else "INGRESS_OAUTH")
    first, second = (cognito, _KEYCLOAK) if provider == COGNITO else (_KEYCLOAK, cognito)
    head = _HEAD.format(name=name, provider=provider)
    return head + first + _commented(second) + ("" if agent else _EGRESS)


def _commented(text: str) -> str:
    return "".join(
        line if line.startswith("#") or not line.strip() else f"# {line}"
        for line in text.splitlines(keepends=True)
    )
