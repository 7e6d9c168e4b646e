"""A login at the company's identity provider, in a browser."""

from __future__ import annotations

from wizard.services import Field

from .kind import Kind

KIND = Kind("sso", "SSO (SAML or OIDC)", (Field("domain", "Domain", required=False),))
