"""A login at the company's identity provider, in a browser that the service's own program opens.

Which of SAML and OIDC it is, the company's admin has chosen at the service. There is no secret of ours: the program
keeps its token in a cache of its own (`wizard.caches`).
"""

from __future__ import annotations

from wizard.services import Field

from .kind import Kind

KIND = Kind("sso", "SSO (SAML or OIDC)", (Field("domain", "Domain", required=False),))
