"""The scopes that are needed, and those that the credential has."""

from __future__ import annotations

from ..engine import Context, Probe, Skip
from ..facts import JwtView, Scopes
from ..token import scopes_of
from ..wire_facts import Answer, Differential


async def scopes(context: Context, differential: Differential | None, jwt: JwtView | None) -> Scopes | Skip:
    """Needed: by the server's challenge, by the person, by what the connection chose. Granted: by the service's
    own answer, else by the token."""
    real = differential.real if differential else None
    granted = real.granted if real and real.granted is not None else scopes_of(jwt.claims) if jwt else None
    told = _told(real)
    if told:
        return Scopes(told, "the server", granted)
    if context.require_scopes:
        return Scopes(context.require_scopes, "you", granted)
    if context.target.scopes:
        return Scopes(context.target.scopes, "this connection", granted)
    return (
        Scopes((), "", granted) if granted is not None else Skip("nobody says which scopes it has or needs")
    )


def _told(answer: Answer | None) -> tuple[str, ...]:
    if answer is None or not answer.refused:
        return ()
    return next((c.scopes() for c in answer.challenges if c.get("error") == "insufficient_scope"), ())


PROBE = Probe("scopes", "granted and needed scopes", Scopes, scopes)
