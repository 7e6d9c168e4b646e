"""What the issuer says of the account behind the token: asked only of the issuer that the token was had from."""

from __future__ import annotations

from wizard.errors import AuthwizardError
from wizard.secret import Secret
from wizard.urls import check_url, is_loopback

from ..answers import json_object
from ..engine import Context, Probe, Skip
from ..facts import CredentialText, JwtView
from ..facts.oauth import IssuersSaid, UserInfo
from ..steps.token_request import again
from ..token import GROUP_CLAIMS, scopes_of


async def user_info(
    context: Context, jwt: JwtView, said: IssuersSaid, credential: CredentialText
) -> UserInfo | Skip:
    """The token goes to the address that its own issuer's metadata names, and nowhere else."""
    iss = str(jwt.claims.get("iss") or "")
    issuer = said.issuers.at(iss)
    if issuer is None or not issuer.itself or not issuer.userinfo:
        return Skip("the token's issuer names no user info")
    url = check_url(issuer.userinfo)
    # over plain http anyone on the way could have named the address
    if any(not u.lower().startswith("https:") and not is_loopback(u) for u in (url, issuer.url)):
        return Skip("its user info is not asked over plain http")
    token = await _for_it(context, jwt, credential)
    if token is None:
        return Skip("user info wants a token with the scope openid")
    reply = await context.transport.send(
        "GET", url, headers={"Authorization": token.map("Bearer "), "Accept": "application/json"}
    )
    found = json_object(reply) if reply.status == 200 else {}
    groups = [g for c in GROUP_CLAIMS if isinstance(v := found.get(c), list) for g in v if isinstance(g, str)]
    return UserInfo(url, reply.status, tuple(found), tuple(groups))


async def _for_it(context: Context, jwt: JwtView, credential: CredentialText) -> Secret | None:
    """The token itself where it has the scope, else another one of the same client, from the same endpoint."""
    scopes = scopes_of(jwt.claims)
    if "openid" in scopes:
        return credential.bare
    if context.asked is None or context.asked.granted is None:
        return None
    wanted = f"{context.asked.scope} openid".strip()
    try:
        granted = await again(context.asked, context.transport, scope=wanted)
    except AuthwizardError:
        return None
    return granted.access_token if granted else None


PROBE = Probe("user-info", "what the issuer says of the account", UserInfo, user_info)
