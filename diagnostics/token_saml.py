"""A SAML response or assertion as a token's report: the keys of a JWT's where they fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wizard.saml import Saml

from .answers import clean
from .token import Times, TokenReport, wrong_times
from .token_text import few
from .token_use import Use


def report(saml: Saml, now: float) -> TokenReport:
    """What stands in it; its signature is not checked. ``now`` is in seconds since 1970."""
    left = None if saml.not_on_or_after is None else saml.not_on_or_after - now
    times = Times(saml.issued, saml.not_before, saml.not_on_or_after, left)
    written = {"xml": "XML", "base64": "base64", "deflate": "deflated base64"}[saml.form]
    return TokenReport(
        "saml",
        claims={
            "message": saml.kind,
            "subject": {"present": saml.subject, "format": saml.subject_format or None},
            "attributes": {name: list(values) for name, values in saml.attributes.items()},
            "destination": saml.destination or None,
            "status": saml.status or None,
            "signed": saml.signed,
            "encrypted_assertions": saml.encrypted,
        },
        groups=saml.groups,
        issuer=saml.issuer or None,
        audience=saml.audience,
        times=times,
        findings=tuple(wrong_times(times, now)),
        hint=f"a SAML {saml.kind}, {written}",
        use=Use(f"a SAML {saml.kind}", f"it is written so, as {written}"),
        notes=tuple(_notes(saml)),
    )


def _notes(saml: Saml) -> Iterator[str]:
    if saml.status and saml.status != "Success":
        yield f"The identity provider answered the login with {saml.status[:60]}, and logged nobody in."
    if saml.encrypted:
        one = "An assertion is" if saml.encrypted == 1 else f"{saml.encrypted} assertions are"
        yield f"{one} encrypted: only the service that it is for can read who logged in, and until when."
    if not saml.subject and not saml.encrypted:
        yield "It names no subject: nobody is logged in by it."
    if not saml.signed:
        yield "There is no signature in it: a service takes only what is signed."
    else:
        yield "Its signature is not checked here."


def rows(claims: Mapping[str, object]) -> list[tuple[str, str]]:
    """What stands in it, for people: names and values; what it does not say is left out."""
    subject, attributes, count = claims["subject"], claims["attributes"], claims["encrypted_assertions"]
    form = subject.get("format") if isinstance(subject, Mapping) else None
    named = isinstance(subject, Mapping) and bool(subject.get("present"))
    found = [
        ("message", f"a SAML {claims['message']}"),
        ("status", str(claims["status"] or "")),
        (
            "subject",
            f"named{f', as {form}' if form else ', in a form that is not said'}" if named else "not named",
        ),
        ("destination", str(claims["destination"] or "")),
        ("signed", "yes" if claims["signed"] else "no"),
        ("encrypted", f"{count} assertion{'' if count == 1 else 's'}" if count else "nothing"),
    ]
    held = attributes if isinstance(attributes, Mapping) else {}
    found += [(clean(name, 80), few(tuple(map(str, values)), ", ")) for name, values in held.items()]
    return [(name, clean(value)) for name, value in found if value]
