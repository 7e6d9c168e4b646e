"""Proof of possession (RFC 9449, MCP's SEP-1932): each request shows that whoever sends the token also holds a key."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from wizard.challenge import parse_challenges
from wizard.exchange import Headers
from wizard.secret import Secret
from wizard.urls import origin

from .keys import SigningKey, signing_key
from .keys import made as made_key
from .token_endpoint import DPOP

if TYPE_CHECKING:
    from .model import Login

ALGORITHM: Final = "ES256"
"""What a `Prover` with a key of its own signs by; servers name theirs in dpop_signing_alg_values_supported."""

_WANTED: Final = "use_dpop_nonce"
_NONCE: Final = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]{1,1024}")
"""RFC 9449 section 8.1; the length is ours, for it goes into a header of each request."""


class Prover:
    """Signs the requests to the origins that it was told of, by a key that never leaves this program but to be kept.

    It is a `wizard.signing.Signer`: give it to ``transport.sign``. A token that was `bind`-ed to it is sent with the
    scheme DPoP, whatever scheme the request was made with (section 7.1).
    """

    def __init__(self, *urls: str, key: SigningKey | None = None) -> None:
        self._key = key or made_key()
        self._public = self._key.public()
        self._origins: set[tuple[str, str, int]] = set()
        self._nonces: dict[tuple[str, str, int], str] = {}
        self._bound: set[Secret] = set()
        self.serve(*urls)

    @classmethod
    def from_key(cls, key: Secret, *urls: str) -> Prover:
        """A prover with a key that was kept: a JWK, as `key` gives it. Raises: UsageError, as `keys.signing_key`."""
        return cls(*urls, key=signing_key(key))

    @classmethod
    def of(cls, login: Login, *urls: str) -> Prover | None:
        """A prover for the server at these addresses, where the login's access token is bound to a key; else None.
        Raises: UsageError, as `keys.signing_key`."""
        if login.token_type != DPOP or login.dpop_key is None:
            return None
        made = cls.from_key(login.dpop_key, *urls)
        made.bind(login.access_token)
        return made

    @property
    def key(self) -> Secret:
        """The private key as a JWK: what a refresh and each use of a bound token need."""
        return self._key.secret()

    @property
    def thumbprint(self) -> str:
        """The public key's (RFC 7638): ``cnf.jkt`` of a bound token, ``dpop_jkt`` of an authorization request."""
        return _encoded(
            hashlib.sha256(json.dumps(self._public, sort_keys=True, separators=(",", ":")).encode())
        )

    def serve(self, *urls: str) -> None:
        """Sign what goes to the origins of these addresses as well."""
        self._origins |= {origin(url) for url in urls}

    def bind(self, token: Secret) -> None:
        """This access token was given to a request of this prover: it is sent with the scheme DPoP alone."""
        self._bound.add(token)

    def headers(self, method: str, url: str, headers: Mapping[str, Secret | str]) -> dict[str, Secret]:
        """The proof for one request, and its Authorization where that holds a bound token; see `Signer`."""
        place = origin(url)
        if place not in self._origins:
            return {}
        token, bound = self._token(headers)
        claims: dict[str, str | int] = {
            "jti": str(uuid.uuid4()),
            "htm": method,
            "htu": _target(url),
            "iat": int(time.time()),
        }
        if bound:
            claims["ath"] = _encoded(hashlib.sha256(token.encode("utf-8", "surrogatepass")))
        if place in self._nonces:
            claims["nonce"] = self._nonces[place]
        proof = {"DPoP": self._key.sign(claims, typ="dpop+jwt", jwk=self._public)}
        return {**proof, "Authorization": Secret(f"DPoP {token}")} if bound else proof

    def again(self, url: str, status: int, headers: Headers, body: bytes) -> bool:
        """Whether the server refuses for want of the nonce that it names here (sections 8 and 9); see `Signer`."""
        nonce = headers.get("dpop-nonce")
        if nonce is None or not _NONCE.fullmatch(nonce):
            return False
        self._nonces[origin(url)] = nonce
        if status == 401 and any(
            challenge.scheme.lower() == "dpop" and challenge.get("error") == _WANTED
            for challenge in parse_challenges(headers.get_all("www-authenticate"))
        ):
            return True
        return _error(body) == _WANTED

    def _token(self, headers: Mapping[str, Secret | str]) -> tuple[str, bool]:
        """The access token of a request, and whether it is bound to this key. A plain bearer token is none of ours."""
        held = next((v for n, v in headers.items() if n.lower() == "authorization"), "")
        scheme, _, token = (held.reveal() if isinstance(held, Secret) else held).partition(" ")
        token = token.strip()
        if scheme.lower() == "dpop":
            return token, bool(token)
        return token, scheme.lower() == "bearer" and Secret(token) in self._bound


def _target(url: str) -> str:
    """The address as it is asked, without query and fragment (section 4.2)."""
    import httpx

    asked = httpx.URL(url)
    path = asked.raw_path.partition(b"?")[0].decode("ascii")
    return f"{asked.scheme}://{asked.netloc.decode('ascii')}{path}"


def _error(body: bytes) -> str:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    error = found.get("error") if isinstance(found, dict) else None
    return error if isinstance(error, str) else ""


def _encoded(digest: hashlib._Hash) -> str:
    return base64.urlsafe_b64encode(digest.digest()).decode().rstrip("=")
