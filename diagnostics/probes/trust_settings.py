"""What the environment tells programs to trust; files are looked at, nothing is asked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from ..engine import Probe, Skip
from ..facts import Situation
from ..facts.way import TrustSettings

_FILES: Final = ("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_OTHERS: Final = ("SSL_CERT_DIR", "NODE_USE_SYSTEM_CA", "NODE_OPTIONS", "NODE_TLS_REJECT_UNAUTHORIZED")
_PEEK: Final = 4_000_000


async def trust_settings(situation: Situation) -> TrustSettings | Skip:
    """The variables that Node, Python, OpenSSL and curl read."""
    if not situation.secure:
        return Skip("the address is plain http")
    found = [(name, os.environ[name], _wrong(os.environ[name])) for name in _FILES if os.environ.get(name)]
    found += [
        (name, os.environ[name], "")
        for name in _OTHERS
        if os.environ.get(name) and (name != "NODE_OPTIONS" or "--use-" in os.environ[name])
    ]
    return TrustSettings(tuple(found))


def _wrong(place: str) -> str:
    try:
        with Path(place).open("rb") as stream:
            held = b"-----BEGIN CERTIFICATE-----" in stream.read(_PEEK)
    except (OSError, ValueError):
        return "cannot be read"
    return "" if held else "holds no certificate in PEM form"


PROBE = Probe("trust", "what programs are told to trust", TrustSettings, trust_settings)
