"""Facts that no diagnosis gathers, and which command does: why a cause that needs one was not examined."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache


@cache
def _by_type() -> Mapping[type, str]:
    from wizard.oauth.inspection import ClientKnown, Introspection, UserInfoAnswer
    from wizard.oauth.signatures import Signature

    from .facts.client import RedirectUris
    from .facts.issuer import Standing

    introspected = "only `authwizard token SOURCE --introspect` asks the issuer about the token"
    return {
        Introspection: introspected,
        ClientKnown: introspected,
        UserInfoAnswer: "only `authwizard token SOURCE --userinfo` asks the issuer's user info",
        Standing: "only `authwizard token SOURCE --verify` asks the issuer for its keys",
        Signature: "only `authwizard token SOURCE --verify` asks the issuer for its keys",
        RedirectUris: "only `authwizard registrations` asks an issuer for its clients",
    }


def why(kind: type) -> str:
    """Why a fact of this type is not there, as a clause."""
    return _by_type().get(kind, "it was not asked for here")
