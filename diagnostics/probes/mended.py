"""The same credential with its text put right: what the server says to that proves what was wrong."""

from __future__ import annotations

from wizard.secret import Secret

from ..engine import Context, Probe, Skip
from ..facts import CredentialText
from ..sending import carriers, live_headers
from ..wire_facts import Answer, Differential, Mended, Request
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
    sent = live_headers(context.target)
    real = {n: sent[n] for n in carriers(sent, context.target.secrets)}
    asked: dict[Secret, Answer] = {}
    for value in values.values():
        if value not in asked:
            asked[value] = await put(context, request, {**real, credential.header: value})
    return Mended({id: asked[value] for id, value in values.items()})


PROBE = Probe("mended", "the credential put right", Mended, mended)
