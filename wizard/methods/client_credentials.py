"""An id and a secret for a machine. Which headers or variables carry them, the service says."""

from __future__ import annotations

from wizard.services import Field

from .kind import Kind

KIND = Kind(
    "client_credentials",
    "Client credentials",
    (Field("client_id", "Client id"), Field("client_secret", "Client secret", secret=True)),
)
