"""Faults of the way from a company's login to a server's token: what the company's own provider does not vouch for."""

from __future__ import annotations

import secrets
import time

from support.issuing import Give, Issuer, issuing, says

from ..fault import Words, fault
from ..world import World
from .audience import refusing

_NO_JAG = "urn:ietf:params:oauth:token-type:access_token"


def _vouched(world: World, company: Issuer, identity: str, answer: Give) -> Words:
    """The company's provider answers so to the ID token; the server's issuer would take what it should have given."""
    company.pages["/token"] = answer
    issuer = world.enter(issuing(world.pick("/as", "/oauth2/default", "/realms/work")))
    server = refusing(world, None, change={"resource": {"authorization_servers": [issuer.url]}})
    secret = world.readable(secrets.token_urlsafe(24))
    return (
        *("doctor", server.mcp, "--method", "token_exchange", "--set", "client_id=work"),
        *("--set", f"token_endpoint={issuer.url}/token", "--set", f"issuer={issuer.url}"),
        *("--set", f"idp_token_endpoint={company.url}/token", "--set", f"idp_issuer={company.url}"),
        *("--set", "idp_client_id=desk", "--secret", f"client_secret={secret}"),
        *("--secret", f"idp_id_token={world.secret(identity)}"),
    )


def _company(world: World) -> Issuer:
    return world.enter(issuing(world.pick("/idp", "/oauth2", "/realms/company")))


@fault("id-jag-not-given", source="draft-ietf-oauth-identity-assertion-authz-grant section 5")
def another_token_given(world: World) -> Words:
    company = _company(world)
    body = {"access_token": secrets.token_urlsafe(24), "token_type": world.pick("Bearer", "N_A", "Bearer")}
    more = world.pick({"issued_token_type": _NO_JAG}, {}, {"issued_token_type": _NO_JAG, "expires_in": 300})
    return _vouched(world, company, company.token(aud="desk", nonce="n"), says(200, {**body, **more}))


@fault("subject-token-refused", source="RFC 8693 section 2.2.2")
def identity_not_taken(world: World) -> Words:
    company = _company(world)
    words = world.pick(
        "Invalid token", "subject_token is not valid", "Client is not within the token audience"
    )
    answer = says(
        400,
        {
            "error": world.pick("invalid_grant", "invalid_request", "invalid_grant"),
            "error_description": words,
        },
    )
    return _vouched(world, company, company.token(aud="another", nonce="n"), answer)


@fault("subject-token-expired", source="RFC 8693 section 2.2.2")
def identity_too_old(world: World) -> Words:
    company = _company(world)
    ended = int(time.time()) - world.pick(90, 7_300, 90_000)
    identity = company.token(aud="desk", nonce="n", exp=ended, iat=ended - 300)
    return _vouched(
        world, company, identity, says(400, {"error": "invalid_grant", "error_description": "no"})
    )
