"""How the token endpoint took the request; where it knows the client not, the other way of showing who it is."""

from __future__ import annotations

import re
from typing import Final

from wizard import oauth
from wizard.errors import AuthwizardError
from wizard.oauth.problems import OAuthProblem

from ..answers import clean
from ..engine import Context, Probe, Skip
from ..facts.oauth import TokenAnswer
from ..steps.token_request import TokenRequest, again

_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_STRANGER: Final = frozenset({"invalid_client", "unauthorized_client", "invalid_request", ""})
_WAYS: Final = {
    "client_secret_basic": "client_secret_post",
    "client_secret_post": "client_secret_basic",
}


async def token_answer(context: Context) -> TokenAnswer | Skip:
    """The answer that was had before the probes began."""
    asked = context.asked
    if asked is None:
        return Skip("no token endpoint is asked")
    secret = asked.target.secrets.get("client_secret")
    found = TokenAnswer(
        asked.endpoint,
        asked.client_id,
        asked.authentication,
        asked.scope,
        looks_like_id=bool(secret and _ID.fullmatch(secret.reveal().strip())),
    )
    if asked.granted is not None:
        granted = asked.granted
        return _with(
            found,
            status=granted.status,
            expires_in=granted.expires_in,
            granted=granted.scopes,
            number=granted.number,
        )
    error = asked.error
    if error is None:
        return Skip("no token endpoint is asked")
    hide = context.transport.redact
    if isinstance(error, OAuthProblem):
        return Skip("the login itself says what went wrong")
    own = context.transport.spoken
    title, fix = own(clean(error.title)), tuple(own(clean(f)) for f in error.fix)
    if not isinstance(error, oauth.TokenRefused):
        return _with(
            found, status=None, failure=error.id, title=title, fix=fix, description=hide(error.detail)
        )
    return _with(
        found,
        endpoint=found.endpoint or clean(error.endpoint),
        status=error.status,
        error=error.error,
        description=error.description or error.detail,
        failure=error.id,
        title=title,
        fix=fix,
        other=await _other(context, asked, error),
        number=error.number,
    )


async def _other(context: Context, asked: TokenRequest, error: oauth.TokenRefused) -> str:
    """The other way, where it is taken; it goes to the same endpoint."""
    way = _WAYS.get(asked.authentication, "")
    if not way or error.status not in (400, 401, 403) or error.error not in _STRANGER:
        return ""
    try:
        granted = await again(asked, context.transport, token_endpoint_auth_method=way)
    except AuthwizardError:
        return ""
    return way if granted else ""


def _with(found: TokenAnswer, **what: object) -> TokenAnswer:
    from dataclasses import replace

    return replace(found, **what)  # type: ignore[arg-type]  # the names are TokenAnswer's own fields


PROBE = Probe("token-answer", "an access token from the token endpoint", TokenAnswer, token_answer)
