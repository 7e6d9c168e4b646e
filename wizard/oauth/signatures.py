"""Whether a token was signed by a key that its issuer publishes (RFC 7515 section 5.2, RFC 7517, RFC 7518).

Only what a public key can check: neither ``none`` nor an algorithm with a shared secret, for a published key could then
sign itself (RFC 8725 sections 2.1 and 3.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.errors import FileProblem, JobError
from wizard.jwt import peek

if TYPE_CHECKING:
    from wizard.transport import Transport

VALID: Final = "valid"
INVALID: Final = "invalid"
UNCHECKED: Final = "unchecked"

UNSIGNED: Final = "unsigned"
SHARED: Final = "shared-secret"
UNKNOWN_KEY: Final = "key-unknown"
OTHER_KIND: Final = "other-kind"
WRONG: Final = "wrong"
NO_KEYS: Final = "no-keys"
NO_JWT: Final = "no-jwt"

_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), ("RSA", "")),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "ES256K": ("EC", "secp256k1"),
    "EdDSA": ("OKP", ""),
}
"""Kind and curve of the key that an algorithm needs (RFC 7518 sections 3.3 to 3.5, RFC 8037, RFC 8812)."""
_MOST: Final = 100
_LONGEST: Final = 4096


@dataclass(frozen=True, slots=True)
class Signature:
    """``state`` is ``valid``, ``invalid`` or ``unchecked``; ``why`` one of this module's words, empty where it is
    valid. ``algorithm`` and ``kid`` are the token's own, ``source`` where the keys are from, ``known`` the ids of all
    of them, ``key`` the kind and algorithm of the one that the token names."""

    state: str = UNCHECKED
    why: str = ""
    algorithm: str = ""
    kid: str = ""
    source: str = ""
    known: tuple[str, ...] = ()
    key: str = ""

    def seen(self) -> str:
        """How it stands, in a sentence."""
        named = f"key {self.kid}" if self.kid else "a key"
        where = f" of {self.source}" if self.source else ""
        if self.state == VALID:
            return f"the signature matches {named}{where} ({self.algorithm})"
        return {
            UNSIGNED: f"it is not signed (alg {self.algorithm})",
            SHARED: f"{self.algorithm} is signed with a shared secret, which no published key can check",
            UNKNOWN_KEY: f"it names {named}; published{where}: {', '.join(self.known[:5]) or 'keys without an id'}",
            OTHER_KIND: f"it is signed by {self.algorithm}; {named}{where} is {self.key}",
            WRONG: f"the signature does not match {named}{where} ({self.algorithm})",
            NO_KEYS: f"there are no keys{where}",
            NO_JWT: "it is no signed JWT",
        }.get(self.why, "it was not checked")


def check(text: str, keys: Mapping[str, object], source: str = "") -> Signature:
    """The signature of a token against a JWK set (RFC 7517 section 5). Times and audience are not looked at. Never
    raises."""
    found = peek(text)
    if found is None:
        return Signature(why=NO_JWT)
    algorithm, kid = str(found.header.get("alg")), found.header.get("kid")
    named = kid if isinstance(kid, str) else ""
    held = _public(keys)
    known = tuple(k for key in held if isinstance(k := key.get("kid"), str))

    def told(state: str, why: str = "", key: str = "") -> Signature:
        return Signature(state, why, algorithm, named, source, known, key)

    if algorithm.lower() == "none" or text.endswith("."):
        return told(INVALID, UNSIGNED)
    if algorithm.startswith("HS"):
        return told(UNCHECKED, SHARED)
    if not held:
        return told(UNCHECKED, NO_KEYS)
    own = [k for k in held if not named or k.get("kid") in (named, None)]
    if not own:
        return told(INVALID, UNKNOWN_KEY)
    fitting = [k for k in own if _fits(k, algorithm)]
    if not fitting:
        return told(INVALID, OTHER_KIND, _shown(own[0]))
    if any(_verified(text, k, algorithm) for k in fitting[:_MOST]):
        return told(VALID, key=_shown(fitting[0]))
    return told(INVALID, WRONG, _shown(fitting[0]))


def _public(keys: Mapping[str, object]) -> list[Mapping[str, object]]:
    """The keys that may sign: a shared secret (``oct``) is never one of them."""
    held = keys.get("keys")
    every = held if isinstance(held, list) else []
    return [
        k for k in every if isinstance(k, Mapping) and k.get("kty") != "oct" and k.get("use", "sig") == "sig"
    ]


def _fits(key: Mapping[str, object], algorithm: str) -> bool:
    kind, curve = _KINDS.get(algorithm, ("", ""))
    own = key.get("alg")
    return (
        key.get("kty") == kind
        and (not curve or key.get("crv") == curve)
        and (own is None or own == algorithm)
        and all(len(v) <= _LONGEST for v in key.values() if isinstance(v, str))
    )


def _verified(text: str, key: Mapping[str, object], algorithm: str) -> bool:
    import warnings

    import jwt
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a short key is its issuer's fault, and still tells who signed
            public = jwt.PyJWK({k: v for k, v in key.items() if k in _PARTS}, algorithm)
            jwt.PyJWS().decode(text, public, algorithms=[algorithm])
    except (jwt.PyJWTError, UnsupportedAlgorithm, ValueError, TypeError, KeyError, OverflowError):
        return False
    return True


_PARTS: Final = frozenset({"kty", "crv", "x", "y", "n", "e"})
"""What makes a public key; private parts, which a careless issuer publishes too, are not taken up."""


def _shown(key: Mapping[str, object]) -> str:
    parts = [
        str(v)[:20] for n in ("kty", "crv", "alg") if isinstance(v := key.get(n), str) and v.isprintable()
    ]
    return " ".join(parts) or "of no kind"


async def fetch(url: str, transport: Transport) -> Mapping[str, object]:
    """A JWK set from an address: public, asked without a credential; a redirect is followed within its origin only.

    Raises: JobError ``keys-unreadable``. TransportError, UsageError: as the transport.
    """
    from .discovery import get

    reply = await get(url, transport)
    found = reply.json() if reply.status == 200 else None
    if not isinstance(found, dict) or not isinstance(found.get("keys"), list):
        said = (
            "it is no JWK set (an object with `keys`)" if found is not None else f"it answered {reply.status}"
        )
        raise JobError(
            "keys-unreadable",
            "There are no public keys at that address.",
            f"{transport.redact(url)}: {said}.",
            ["The issuer's metadata names the address of its keys: jwks_uri."],
        )
    return found


def read(path: str) -> Mapping[str, object]:
    """A JWK set from a file, or a single JWK. Raises: FileProblem ``keys-unreadable``."""
    import json
    from pathlib import Path

    fix = ["Give a JWK set: a JSON object with `keys`, as the issuer's jwks_uri gives it."]
    try:
        with Path(path).open("rb") as stream:
            content = stream.read(10_000_001)
        found = json.loads(content.decode("utf-8")) if len(content) <= 10_000_000 else None
    except OSError as error:
        raise FileProblem(
            "keys-unreadable", "The file of the keys cannot be read.", f"{path}: {error.strerror}.", fix
        ) from None
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict) and isinstance(found.get("keys"), list):
        return found
    if isinstance(found, dict) and isinstance(found.get("kty"), str):
        return {"keys": [found]}
    raise FileProblem("keys-unreadable", "That file holds no public keys.", f"{path} is no JWK set.", fix)
