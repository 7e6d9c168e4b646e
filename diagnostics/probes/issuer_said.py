"""What the issuer says of itself."""

from __future__ import annotations

from ..engine import Probe
from ..facts.oauth import IssuersSaid
from .issuer import said

PROBE = Probe("issuer-said", "what the issuer says of itself", IssuersSaid, said)
