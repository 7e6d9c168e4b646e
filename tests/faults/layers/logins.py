"""Faults of the layer redirect: what comes back from a login in the browser, or by a code on another device."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from oddities.odd_ones import back, challenge, token
from oddities.odd_server import Odd
from servers.scripted import Reply

from ..fault import Words, fault
from ..world import World
from .login_words import known, login

_NAMED: Final = '"{base}/.well-known/oauth-protected-resource{path}"'
_OPEN_ID: Final = challenge(f'Bearer resource_metadata={_NAMED}, scope="openid read"')


def _refused(error: str, words: str = "") -> Mapping[str, Mapping[str, object]]:
    return back(code=None, error=error, error_description=words or None)


@fault("dcr-client-without-login-connection", source="modelcontextprotocol/inspector#556", herring="")
def auth0_without_a_connection(world: World) -> Words:
    says = "no connections enabled for the client"
    page = Reply(400, f"<h1>Oops!, something went wrong</h1><p>invalid_request: {says}</p>", "text/html")
    odd = world.pick(
        Odd(change=_refused("invalid_request", says)),
        Odd(change=_refused("access_denied", says.capitalize())),
        Odd(instead={"authorize": page}),
    )
    return login(world, odd, *world.pick((), (), known(world)))


@fault("login-timed-out", source="keycloak/keycloak#15062")
def nothing_that_can_be_used_comes_back(world: World) -> Words:
    answer = world.pick(back(state=None), back(state="another"), back(code=None))
    return login(world, Odd(change=answer), *known(world), seconds="4")


@fault("redirect-uri-not-registered", source="cognizant-ai-lab/nsflow#233")
def another_redirect_uri_altogether(world: World) -> Words:
    page = world.pick(
        Reply(400, "<p>Invalid parameter: redirect_uri</p>", "text/html"),
        Reply(
            400,
            {
                "error": "invalid_request",
                "error_description": "redirect_uri did not match any configured URIs",
            },
        ),
        Reply(403, "<p>Error: redirect_uri_mismatch</p>", "text/html"),
    )
    return login(world, Odd(instead={"authorize": page}), *known(world))


@fault("authorization-refused", source="OpenID Connect Core section 3.1.2.6")
def a_refusal_of_its_own_words(world: World) -> Words:
    answer = world.pick(
        _refused("interaction_required", "Call the help desk"),
        _refused("consent_required", "An admin has to consent"),
        _refused("account_selection_required"),
    )
    return login(world, Odd(change=answer), *known(world))


@fault("login-denied", source="taylorwilsdon/google_workspace_mcp#126")
def access_denied(world: World) -> Words:
    says = world.pick("The resource owner denied the request", "User is not a test user of this app", "")
    return login(world, Odd(change=_refused("access_denied", says)), *known(world))


@fault("authorization-server-error", source="RFC 6749 section 4.1.2.1")
def it_fails_by_itself(world: World) -> Words:
    odd = world.pick(
        Odd(change=_refused("server_error")),
        Odd(change=_refused("temporarily_unavailable", "Try again in a minute")),
        Odd(instead=token(500, "<h1>500</h1>", "text/html")),
    )
    return login(world, odd, *known(world))


@fault("authorization-response-issuer-mismatch", source="RFC 9207 section 2.4")
def the_answer_of_another_issuer(world: World) -> Words:
    iss = world.pick(None, "{base}", "https://login.acme.test")
    return login(world, Odd(change=back(iss=iss)), *known(world))


@fault("id-token-not-for-this-login", source="OpenID Connect Core section 3.1.3.7", herring="")
def an_id_token_of_another_login(world: World) -> Words:
    claims = world.pick({"nonce": "another"}, {"aud": "somebody-else"}, {"iss": "https://login.acme.test"})
    return login(world, Odd(change={"id_claims": claims}, instead={"refusal": _OPEN_ID}))


@fault("authorization-code-refused", source="RFC 6749 section 5.2")
def a_code_that_is_not_taken(world: World) -> Words:
    reply = world.pick(
        token(400, {"error": "invalid_grant", "error_description": "Code not valid"}),
        token(
            400,
            {
                "error": "invalid_grant",
                "error_description": "The authorization code is invalid or has expired",
            },
        ),
        token(
            200,
            {
                "error": "bad_verification_code",
                "error_description": "The code passed is incorrect or expired.",
            },
        ),
    )
    return login(world, Odd(instead=reply), *known(world))


@fault("device-answer-unusable", source="RFC 8628 section 3.2")
def no_code_to_type(world: World) -> Words:
    change = world.pick(
        {"user_code": None}, {"verification_uri": "http://login.acme.test/code"}, {"verification_uri": None}
    )
    gone = {"verification_uri_complete": None}
    return login(world, Odd(change={"device": {**gone, **change}}), *known(world, way="device_code"))


@fault("device-code-expired", source="RFC 8628 section 3.5")
def nobody_typed_the_code(world: World) -> Words:
    says = world.pick("", "The device code has expired", "Code is expired")
    body = {"error": "expired_token", **({"error_description": says} if says else {})}
    return login(world, Odd(instead=token(400, body)), *known(world, way="device_code"))
