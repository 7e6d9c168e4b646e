"""The form of a Basic credential, as it would be sent."""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace

from wizard.secret import Secret

from ..engine import Context, Probe, Skip
from ..facts import CredentialText
from ..facts.basic import BasicPair


async def basic_pair(context: Context, credential: CredentialText) -> BasicPair | Skip:
    """Decode it; nothing is sent."""
    if credential.scheme.lower() != "basic":
        return Skip("no user name and password are sent")
    target = context.target
    documented = target.method is not None and target.method.kind == "basic" and bool(target.live.check)
    return replace(form_of(credential.bare), documented=documented)


def form_of(encoded: Secret) -> BasicPair:
    """The form of ``user:password`` in base64."""
    try:
        text = base64.b64decode(encoded.reveal().strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return BasicPair(readable=False)
    user, colon, password = text.partition(":")
    domain, backslash, name = user.rpartition("\\")
    empty = "user name" if not user else "password" if not password else ""
    return BasicPair(
        readable=True,
        colon=bool(colon),
        domain=bool(backslash and domain),
        email="@" in name,
        ascii=text.isascii(),
        edges=any(part != part.strip() for part in (user, password)),
        empty=empty,
    )


PROBE = Probe("basic", "the form of user name and password", BasicPair, basic_pair)
