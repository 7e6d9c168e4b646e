"""The same credential with its text put right: what the server says to that proves what was wrong."""

from __future__ import annotations

from wizard.secret import Secret

from ..engine import Context, Probe, Skip
from ..facts import CredentialText
from ..facts.wire import Answer, Differential, Mended, Request
from ..sending import Sent, credential_of, live
from .differential import put


async def mended(
    context: Context, credential: CredentialText, differential: Differential, request: Request
) -> Mended | Skip:
    """Only where the credential as it stands is not accepted, and only to the same address."""
    if differential.real is None or differential.real.accepted:
        return Skip("the credential is accepted as it stands")
    values = {f.id: f.mended for f in credential.faults if f.mended is not None}
    if not values:
        return Skip("there is nothing to mend in the credential's text")
    real = credential_of(context.target, live(context.target))
    asked: dict[Secret, Answer] = {}
    for value in values.values():
        if value not in asked:
            changed = {credential.header: value}
            better = Sent(query=changed) if credential.in_query else Sent(changed)
            asked[value] = await put(context, request, better.over(real))
    return Mended({id: asked[value] for id, value in values.items()})


PROBE = Probe("mended", "the credential put right", Mended, mended)
