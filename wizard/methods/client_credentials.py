"""An id and a secret, or a key, for a machine.

Which headers or variables carry them, the service says. Where it names a token endpoint, they are exchanged there
for an access token (RFC 6749 section 4.4), and that is what is sent. Where that endpoint's address is not known, the
server's metadata names it.
"""

from __future__ import annotations

from wizard.services import Field

from .kind import Kind
from .oauth_fields import TOKEN

KIND = Kind(
    "client_credentials",
    "Client credentials",
    (Field("client_id", "Client id"), Field("client_secret", "Client secret", secret=True)),
    derived=(TOKEN,),
    instead={"client_secret": "private_key"},
)
