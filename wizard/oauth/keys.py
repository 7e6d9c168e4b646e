"""Private keys that sign JWTs for a server: read as a person gives them, or made here."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import UsageError
from wizard.secret import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    Private = EllipticCurvePrivateKey | Ed448PrivateKey | Ed25519PrivateKey | RSAPrivateKey

_RSA: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_CURVES: Final = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
_LEAST_RSA: Final = 2048
_BLOCK: Final = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """A private key with the algorithm it signs by (RFC 7518 section 3.1). ``header`` are members that tell a server
    which of its keys this is: ``kid`` of a JWK, ``x5t#S256`` of a certificate beside the key."""

    private: Private
    algorithm: str
    header: Mapping[str, str] = field(default_factory=dict)

    def sign(self, claims: Mapping[str, Any], **header: Any) -> Secret:
        """A JWT over these claims; ``header`` joins the key's own members."""
        import jwt

        return Secret(
            jwt.encode(
                dict(claims),
                self.private,
                algorithm=self.algorithm,
                headers={**self.header, **header},
            )
        )

    def public(self) -> dict[str, str]:
        """The public half as a JWK (RFC 7517), required members alone."""
        members = ("crv", "e", "kty", "n", "x", "y")
        return {name: value for name, value in _jwk(self.private.public_key()).items() if name in members}

    def secret(self) -> Secret:
        """The whole key as a JWK, to be kept."""
        return Secret(json.dumps(_jwk(self.private)))


def made() -> SigningKey:
    """A new key for ES256."""
    from cryptography.hazmat.primitives.asymmetric import ec

    return SigningKey(ec.generate_private_key(ec.SECP256R1()), "ES256")


def signing_key(secret: Secret, algorithm: str = "") -> SigningKey:
    """The key in a PEM text (PKCS #8, PKCS #1, SEC 1; its line ends may have become spaces or ``\\n``), a JWK or a JWK
    set. Without a word about the algorithm it is the key's own ``alg``, else RS256, ES256 or EdDSA as the key is.

    Raises: UsageError ``private-key-unusable``, ``signing-algorithm-unfit``.
    """
    text = secret.reveal().strip()
    if not text:
        raise _unusable("It is empty.")
    private, header, own = _of_jwk(text) if text.startswith("{") else _of_pem(text)
    fit = _fitting(private)
    wanted = algorithm or (own if own in fit else fit[0])
    if wanted not in fit:
        raise UsageError(
            "signing-algorithm-unfit",
            "The private key does not sign by the algorithm that was asked for.",
            f"This key signs by {', '.join(fit)}.",
            ["Leave signing_algorithm out, or name one of these."],
        )
    return SigningKey(private, wanted, header)


def _of_jwk(text: str) -> tuple[Private, dict[str, str], str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise _unusable("It begins as JSON and is none.") from None
    keys = found.get("keys")
    if isinstance(keys, list):
        found = next((key for key in keys if isinstance(key, dict) and "d" in key), None)
        if found is None:
            raise _unusable("None of the set's keys is a private one.")
    if "private_key" in found and isinstance(inner := found["private_key"], str):
        # a service account's file, as Google's console gives it, holds the PEM and the key's id
        private, header, own = _of_pem(inner.strip())
        named = found.get("private_key_id")
        return private, {**header, **({"kid": named} if isinstance(named, str) and named else {})}, own
    if "d" not in found:
        raise _unusable("It is a public key (without the member `d`), or no key.")
    private = _loaded(lambda: _from_jwk(found))
    header = {n: v for n in ("kid", "x5t#S256") if isinstance(v := found.get(n), str) and v}
    own = found.get("alg")
    return private, header, own if isinstance(own, str) else ""


def _from_jwk(found: dict[str, Any]) -> Any:
    from jwt import algorithms

    kinds: dict[object, Any] = {
        "RSA": algorithms.RSAAlgorithm,
        "EC": algorithms.ECAlgorithm,
        "OKP": algorithms.OKPAlgorithm,
    }
    kind = kinds.get(str(found.get("kty")))
    if kind is None:
        raise ValueError("of another kind")
    return kind.from_jwk(found)


def _of_pem(text: str) -> tuple[Private, dict[str, str], str]:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    blocks = [(m[1], _lines(m[1], m[2])) for m in _BLOCK.finditer(text.replace("\\n", "\n"))]
    key = next((pem for name, pem in blocks if name.endswith("PRIVATE KEY")), "")
    if not key:
        public = any("PUBLIC" in name or "CERTIFICATE" in name for name, _ in blocks)
        raise _unusable(
            "It is a public key or a certificate."
            if public
            else "It is neither PEM nor a JWK, or it is cut off."
        )
    if "ENCRYPTED" in key:
        raise _unusable(
            "It is locked with a passphrase.",
            "Make a copy without one, for its owner alone: openssl pkey -in KEY -out COPY; chmod 600 COPY",
        )
    private = _loaded(lambda: load_pem_private_key(key.encode(), None))
    certificate = next((pem for name, pem in blocks if name == "CERTIFICATE"), "")
    return private, _named(certificate), ""


def _lines(name: str, inner: str) -> str:
    """One block as it has to look: a shell, a `.env` or a form may have taken its line ends. Lines with a colon are
    those of the old encrypted form and stay before the rest."""
    if "ENCRYPTED" in inner:
        return f"ENCRYPTED {name}"
    return f"-----BEGIN {name}-----\n{''.join(inner.split())}\n-----END {name}-----\n"


def _named(certificate: str) -> dict[str, str]:
    """Entra finds the key by its certificate's thumbprint alone:
    https://learn.microsoft.com/en-us/entra/identity-platform/certificate-credentials"""
    if not certificate:
        return {}
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    found = _loaded(lambda: x509.load_pem_x509_certificate(certificate.encode()), x509.Certificate)
    return {"x5t#S256": base64.urlsafe_b64encode(found.fingerprint(SHA256())).decode().rstrip("=")}


def _loaded(load: Any, *kinds: type) -> Any:
    """What the library makes of it; its own words may quote the key, and stay here."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
    from jwt import InvalidKeyError

    wanted = kinds or (
        rsa.RSAPrivateKey,
        ec.EllipticCurvePrivateKey,
        ed25519.Ed25519PrivateKey,
        ed448.Ed448PrivateKey,
    )
    try:
        found = load()
    except (ValueError, TypeError, KeyError, AttributeError, InvalidKeyError, UnsupportedAlgorithm):
        raise _unusable("Its content cannot be read; part of it may be missing.") from None
    if not isinstance(found, wanted):
        raise _unusable("It is of a kind that signs no JWT.")
    return found


def _fitting(private: Private) -> tuple[str, ...]:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if isinstance(private, rsa.RSAPrivateKey):
        if private.key_size < _LEAST_RSA:
            raise _unusable(
                f"It has {private.key_size} bits; RFC 7518 section 3.3 wants {_LEAST_RSA} or more.",
                "Make a new key: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048",
            )
        return _RSA
    if isinstance(private, ec.EllipticCurvePrivateKey):
        if private.curve.name not in _CURVES:
            raise _unusable(f"Its curve is {private.curve.name}; a JWT takes {', '.join(_CURVES)}.")
        return (_CURVES[private.curve.name],)
    return ("EdDSA",)


def _jwk(key: Any) -> dict[str, str]:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from jwt import algorithms

    if isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey):
        found = algorithms.RSAAlgorithm.to_jwk(key, as_dict=True)
    elif isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        found = algorithms.ECAlgorithm.to_jwk(key, as_dict=True)
    else:
        found = algorithms.OKPAlgorithm.to_jwk(key, as_dict=True)
    return {name: value for name, value in found.items() if name != "key_ops"}


def _unusable(why: str, *fix: str) -> UsageError:
    return UsageError(
        "private-key-unusable",
        "The private key cannot be used.",
        why,
        [
            *fix,
            "Give the private key as PEM (-----BEGIN PRIVATE KEY-----) or as a JWK: --secret private_key=file:PATH",
        ],
    )
