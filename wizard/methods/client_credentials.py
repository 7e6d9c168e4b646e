"""An id and a secret for a machine.

Which headers or variables carry them, the service says. Where it names a token endpoint, they are exchanged there
for an access token (RFC 6749 section 4.4), and that is what is sent.
"""

from __future__ import annotations

from wizard.services import Field

from .kind import Kind

KIND = Kind(
    "client_credentials",
    "Client credentials",
    (Field("client_id", "Client id"), Field("client_secret", "Client secret", secret=True)),
    derived=(Field("access_token", "Access token", secret=True),),
)
