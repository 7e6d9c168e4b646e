"""Whether a credential was cut off: by the signature that its own header promises, by a length that is a known limit.

Sources: RFC 7518 section 3.1 (the lengths of signatures), termios(3) (4095 characters of a line),
https://github.com/anthropics/claude-code/issues/28542 (2010 of the macOS keychain's tool).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from wizard.jwt import peek

from ..engine import Probe
from ..facts import CredentialText
from ..facts.shape import TokenShape

_BYTES: Final = MappingProxyType(
    {"HS256": 32, "HS384": 48, "HS512": 64, "ES256": 64, "ES384": 96, "ES512": 132, "ES256K": 64}
)
_SHORTEST_RSA: Final = 128
_CUTS: Final = MappingProxyType(
    {
        255: "what a database column of 255 holds",
        1024: "what a line of a macOS terminal takes",
        2010: "what the macOS keychain's tool reads from its input",
        4095: "what a line of a terminal takes",
        4096: "what a line of a terminal takes",
    }
)


async def token_shape(credential: CredentialText) -> TokenShape:
    """Look at the length alone, and into a JWT."""
    text = credential.bare.reveal().strip()
    limit = _CUTS.get(len(text), "")
    cut = f"exactly {len(text):,} characters, {limit}" if limit else ""
    return TokenShape(len(text), _flaw(text), cut, text.count(".") + 1)


def _flaw(text: str) -> str:
    found = peek(text)
    if found is None:
        return ""
    algorithm, signature = found.text("alg") or str(found.header.get("alg")), text.rpartition(".")[2]
    count = len(signature)
    if count % 4 == 1:
        return f"its signature has {count} characters, which no base64url text has"
    size = count * 3 // 4
    wanted = _BYTES.get(algorithm)
    if wanted is not None and size != wanted:
        return f"its signature has {size} bytes, where {algorithm} has {wanted}"
    if algorithm[:2] in ("RS", "PS") and (size < _SHORTEST_RSA or size % 8):
        return f"its signature has {size} bytes, which no RSA key makes"
    return ""


PROBE = Probe("shape", "the credential's length", TokenShape, token_shape)
