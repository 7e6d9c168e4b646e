"""Layer audience: for whom a token was made."""

from __future__ import annotations

from wizard.livetest import Evidence

from ..facts import Clock, JwtView, ResourceMetadata
from ..wire_facts import Differential
from ..words import number
from .book import Verdict, cause, likely, proven


@cause(
    id="audience-not-bound-to-resource",
    layer="audience",
    owner="idp-admin",
    title="The token was made for another audience.",
    explanation="A token names whom it is for (`aud`). A server must refuse one that is for somebody else.",
    fix=(
        "The client must ask for the token with resource=<the server's resource> (RFC 8707).",
        "The identity provider's admin: add the resource to the audience (Keycloak: an audience mapper).",
    ),
    sources=(
        "https://github.com/sigbit/mcp-auth-proxy/issues/129",
        "https://github.com/giantswarm/mcp-oauth/issues/440",
        "https://github.com/ganhammar/hass-mcp-server/issues/54",
        "RFC 8707",
    ),
    explains=("token-not-recognised",),
)
def audience(
    jwt: JwtView, metadata: ResourceMetadata, differential: Differential, clock: Clock
) -> Verdict | None:
    """The resource is not in ``aud``, with or without a slash at its end."""
    real = differential.real
    if real is None or not real.refused or not metadata.resource:
        return None
    if real.status == 403 and not real.same_as(differential.false):
        # it knows the token, and refuses for another reason
        return None
    held = jwt.claims.get("aud")
    found = [str(a) for a in held] if isinstance(held, list) else [str(held)] if held else []
    if metadata.resource.rstrip("/") in [a.rstrip("/") for a in found]:
        return None
    shown = ", ".join(f"`{a}`" for a in found) or "absent"
    wanted = metadata.resource
    until = number(jwt.claims.get("exp"))
    say = likely if until is not None and until <= clock.now else proven
    return say(
        Evidence("jwt", f"the token's audience is {shown}"),
        Evidence("metadata", f"the server's resource is `{wanted}`"),
        Evidence("differential", f"yours is answered {real.seen()}"),
        title=f"Your token's audience is {shown}. This server wants `{wanted}`.",
        fix=(
            f"Log in again with a client that asks for resource={wanted} (RFC 8707).",
            f'To the identity provider\'s admin: "Tokens for {wanted} must have it in `aud`; now it is {shown}."',
        ),
    )
