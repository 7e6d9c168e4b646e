"""The same client secret in the Authorization header without form encoding, where the encoded one is refused."""

from __future__ import annotations

from urllib.parse import quote_plus

from wizard.errors import AuthwizardError
from wizard.oauth.client_auth import BASIC, UNCODED

from ..engine import Context, Probe, Skip
from ..facts.login import BasicCoding
from ..facts.oauth import TokenAnswer
from ..steps.token_request import again


async def basic_coding(context: Context, token: TokenAnswer) -> BasicCoding | Skip:
    """It goes to the endpoint that it was refused by, and nowhere else."""
    asked = context.asked
    if asked is None or token.given or token.status not in (400, 401, 403) or token.authentication != BASIC:
        return Skip("no client secret in a header was refused")
    secret = asked.target.secrets.get("client_secret")
    shown = f"{token.client_id}{secret.reveal() if secret else ''}"
    characters = "".join(dict.fromkeys(c for c in shown if quote_plus(c) != c))
    if not secret or not characters:
        return Skip("form encoding changes nothing about this client id and secret")
    try:
        granted = await again(asked, context.transport, token_endpoint_auth_method=UNCODED)
    except AuthwizardError:
        granted = None
    return BasicCoding(" ".join(characters), granted is not None)


PROBE = Probe("basic-coding", "the client secret without form encoding", BasicCoding, basic_coding)
