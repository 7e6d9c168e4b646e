"""The odd servers: each by what differs from the healthy one, and the cause that has to be named first."""

from __future__ import annotations

from typing import Final

from oddities.odd_server import KNOWN, Answer, Odd

PAGE: Final = Answer(200, "<!doctype html><title>App</title><p>Hello", "text/html")
BROKEN: Final = Answer(500, "oops", "text/plain")
SHUT: Final = Answer(401, {"error": "unauthorized"})
GONE: Final = Answer(404)
NAMED: Final = '"{base}/.well-known/oauth-protected-resource/mcp"'


def challenge(*lines: str, status: int = 401, **more: str) -> Answer:
    """A refusal with these WWW-Authenticate lines."""
    headers = [("WWW-Authenticate", line) for line in lines]
    return Answer(status, {"error": "unauthorized"}, headers=(*headers, *more.items()))


def allowing(*names: str) -> tuple[str, ...]:
    return tuple(w for n in names for w in ("--allow", n))


BY_CODE: Final = ("--method", "device_code")
BY_KNOWN: Final = (
    *("--method", "authorization_code", "--set", f"client_id={KNOWN}"),
    *("--set", "redirect_uri=http://127.0.0.1:{free}/callback"),
)

DISCOVERY: Final = {
    "prm-500": Odd("resource-metadata-missing", instead={"resource": BROKEN}, says="500"),
    "prm-401": Odd("resource-metadata-missing", instead={"resource": SHUT}, says="401"),
    "prm-endless": Odd("resource-metadata-missing", instead={"resource": Answer(endless=True)}),
    "prm-html": Odd("well-known-answers-200-with-html-or-empty-json", instead={"resource": PAGE}),
    "prm-empty": Odd("well-known-answers-200-with-html-or-empty-json", instead={"resource": Answer(body={})}),
    "prm-of-another-origin": Odd(
        "resource-metadata-missing",
        instead={"resource": GONE, "refusal": challenge('Bearer resource_metadata="{issuer}/resource"')},
        says="another origin",
    ),
    "prm-mismatch": Odd(
        "protected-resource-mismatch", change={"resource": {"resource": "https://elsewhere.invalid/mcp"}}
    ),
    "prm-with-escapes": Odd(
        "protected-resource-mismatch",
        change={"resource": {"resource": "https://\x1b]0;x\x07.invalid"}},
        hidden="\\u001b",
    ),
    "issuer-with-escapes": Odd(
        "as-metadata-issuer-mismatch", change={"issuer": {"issuer": "{issuer}\x1b[2J"}}, hidden="\\u001b"
    ),
    "prm-other-path": Odd("protected-resource-mismatch", change={"resource": {"resource": "{base}/other"}}),
    "as-500": Odd("as-metadata-missing", instead={"issuer": BROKEN, "openid": BROKEN}, says="500"),
    "as-401": Odd("as-metadata-missing", instead={"issuer": SHUT, "openid": SHUT}, says="401"),
    "as-404": Odd("as-metadata-missing", instead={"issuer": GONE}, says="404"),
    "as-html": Odd(
        "well-known-answers-200-with-html-or-empty-json", instead={"issuer": PAGE, "openid": PAGE}
    ),
    "as-redirects-to-another-host": Odd(
        "as-metadata-missing",
        instead={
            "issuer": Answer(302, headers=(("Location", "{base}/.well-known/oauth-authorization-server"),))
        },
        says="302",
    ),
    "as-redirects-for-ever": Odd(
        "as-metadata-missing",
        instead={"issuer": Answer(302, headers=(("Location", "/.well-known/oauth-authorization-server"),))},
    ),
    "as-dead": Odd(
        "connection-refused", change={"resource": {"authorization_servers": ["{dead}", "{dead}/two"]}}
    ),
    "issuer-slash": Odd("as-metadata-issuer-mismatch", change={"issuer": {"issuer": "{issuer}/"}}),
    "issuer-mismatch": Odd("as-metadata-issuer-mismatch", change={"issuer": {"issuer": "{base}"}}),
    "issuer-in-the-clear": Odd(
        "authorization-server-not-https",
        change={"resource": {"authorization_servers": ["http://issuer.invalid"]}},
    ),
    "token-endpoint-in-the-clear": Odd(
        "authorization-server-not-https",
        change={"issuer": {"token_endpoint": "http://issuer.invalid/token"}},
        says="token_endpoint",
    ),
    "endpoint-javascript": Odd(
        "authorization-endpoint-unusable",
        change={"issuer": {"authorization_endpoint": "javascript:alert(1)"}},
    ),
    "endpoint-file": Odd(
        "authorization-endpoint-unusable", change={"issuer": {"authorization_endpoint": "file:///etc/passwd"}}
    ),
    "no-authorization-endpoint": Odd(
        "authorization-endpoint-missing",
        change={"issuer": {"authorization_endpoint": None, "code_challenge_methods_supported": None}},
        options=("--method", "authorization_code"),
    ),
    "no-token-endpoint": Odd(
        "token-endpoint-missing",
        change={"issuer": {"token_endpoint": None}},
        most={"authorize": 0, "register": 0},
    ),
    "registration-dead": Odd(
        "authorization-server-unreachable",
        change={"issuer": {"registration_endpoint": "{dead}/register"}},
        says="Nothing listens",
    ),
    "registration-endless": Odd(
        "authorization-server-unreachable", instead={"register": Answer(201, endless=True)}, says="larger"
    ),
    "token-endpoint-dead": Odd(
        "token-endpoint-unreachable",
        change={"issuer": {"token_endpoint": "{dead}/token"}},
        says="Nothing listens",
    ),
    "token-endless": Odd(
        "token-endpoint-unreachable", instead={"token": Answer(endless=True)}, says="larger"
    ),
    "device-dead": Odd(
        "authorization-server-unreachable",
        change={"issuer": {"device_authorization_endpoint": "{dead}/device"}},
        options=BY_CODE,
    ),
    "no-device-endpoint": Odd(
        "device-flow-not-offered",
        change={"issuer": {"device_authorization_endpoint": None}},
        options=BY_CODE,
    ),
    "another-issuer-was-named": Odd(
        "authorization-server-variant-wrong",
        options=("--method", "authorization_code", "--set", "issuer={base}"),
    ),
}
SCHEMES: Final = {
    "scheme-not-bearer": Odd(
        "challenge-scheme-not-bearer",
        instead={
            "resource": GONE,
            "resource_elsewhere": Answer(
                body={"resource": "{base}/mcp", "authorization_servers": ["{issuer}"]}
            ),
            "refusal": challenge('Cloudflare-Access resource_metadata="{base}/elsewhere/resource"'),
        },
        says="Cloudflare-Access",
    ),
    "gateway-redirects": Odd(
        "access-proxy-redirects-to-login",
        instead={
            "refusal": challenge(
                'Bearer resource_metadata="{base}/.well-known/oauth-protected-resource/mcp"',
                status=302,
                Location="{issuer}/login",
            )
        },
    ),
}
CLIENTS: Final = {
    "pkce-absent": Odd("pkce-not-advertised", change={"issuer": {"code_challenge_methods_supported": None}}),
    "pkce-plain": Odd(
        "pkce-not-advertised",
        change={"issuer": {"code_challenge_methods_supported": ["plain"]}},
        says="only as plain",
    ),
    "no-registration": Odd(
        "registration-endpoint-missing", change={"issuer": {"registration_endpoint": None}}
    ),
    "registration-policy": Odd(
        "dcr-rejected-by-policy-keycloak",
        instead={
            "register": Answer(
                403,
                {
                    "error": "insufficient_scope",
                    "error_description": "Policy 'Trusted Hosts' rejected request to client-registration service.",
                },
            )
        },
        says="Trusted Hosts",
    ),
    "registration-redirect": Odd(
        "dcr-redirect-not-allowlisted", instead={"register": Answer(400, {"error": "invalid_redirect_uri"})}
    ),
    "registration-404": Odd(
        "registration-refused",
        instead={"register": Answer(404, "<!doctype html><p>Not here", "text/html")},
        says="404",
    ),
    "registration-without-json": Odd(
        "registration-refused", instead={"register": Answer(400, "no", "text/plain")}, says="400"
    ),
    "registration-without-id": Odd(
        "registration-refused", instead={"register": Answer(201, {"client_name": "x"})}, says="201"
    ),
    "client-refused-by-a-page": Odd(
        "client-id-not-known",
        instead={"authorize": Answer(400, "<p>error: invalid_client</p>", "text/html")},
        options=BY_KNOWN,
        says=f"`{KNOWN}`",
    ),
    "refused-by-a-page-that-does-not-say-why": Odd(
        "redirect-uri-not-registered",
        instead={"authorize": Answer(400, "<h1>Oops</h1>", "text/html")},
        options=BY_KNOWN,
        says=f"`{KNOWN}`, or not with this redirect URI",
        certainty="likely",
    ),
    "redirect-uri-refused-by-a-page": Odd(
        "redirect-uri-host-localhost-vs-ip",
        options=(*BY_KNOWN[:4], "--set", "redirect_uri=http://localhost:{free}/callback"),
        says="http://localhost:",
    ),
}


def back(**members: object) -> dict[str, dict[str, object]]:
    """What the browser comes back with, besides what it should."""
    return {"authorize": members}


def refused(error: str, words: str = "") -> dict[str, dict[str, object]]:
    return back(code=None, error=error, error_description=words or None)


def token(
    status: int = 200, body: object = b"", kind: str = "application/json", **headers: str
) -> dict[str, Answer]:
    return {"token": Answer(status, body, kind, tuple(headers.items()))}


NO_CODE: Final = {"token": 0}
OPEN_ID: Final = challenge(
    'Bearer resource_metadata="{base}/.well-known/oauth-protected-resource/mcp", scope="openid read"'
)
RESPONSES: Final = {
    "access-denied": Odd("login-denied", refused("access_denied", "not today"), says="not today"),
    "words-with-escapes": Odd(
        "login-denied", refused("access_denied", "\x1b[31mred\x07 \u202eder"), says="red", hidden="\\u001b"
    ),
    "scope-unknown": Odd(
        "scope-not-known-at-issuer",
        change={"resource": {"scopes_supported": ["nope"]}},
        instead={"refusal": challenge(f"Bearer resource_metadata={NAMED}")},
        says="nope",
    ),
    "client-may-not": Odd("client-grant-not-allowed", refused("unauthorized_client")),
    "server-error": Odd("authorization-server-error", refused("server_error")),
    "unavailable": Odd("authorization-server-error", refused("temporarily_unavailable")),
    "another-error": Odd("authorization-refused", refused("interaction_required", "call us"), says="call us"),
    "error-about-the-redirect": Odd(
        "redirect-uri-not-registered", refused("invalid_request", "redirect_uri does not match")
    ),
    "resource-refused": Odd("resource-not-accepted", refused("invalid_target")),
    "iss-missing": Odd("authorization-response-issuer-mismatch", back(iss=None), says="absent", most=NO_CODE),
    "iss-wrong": Odd(
        "authorization-response-issuer-mismatch",
        back(iss="{base}"),
        says="iss in the response: http://127.0.0.1:",
        most=NO_CODE,
    ),
    "iss-with-a-slash": Odd("authorization-response-issuer-mismatch", back(iss="{issuer}/")),
    "iss-wrong-with-an-error": Odd(
        "authorization-response-issuer-mismatch",
        back(iss="{base}", code=None, error="access_denied", error_description="evil words"),
        most=NO_CODE,
        hidden="evil words",
    ),
    "state-wrong": Odd(
        "login-timed-out", back(state="another"), says="another login", patience=0.03, most=NO_CODE
    ),
    "state-missing": Odd("login-timed-out", back(state=None), says="no `state`", patience=0.03, most=NO_CODE),
    "neither-code-nor-error": Odd(
        "login-timed-out", back(code=None), says="neither a code nor", patience=0.03, most=NO_CODE
    ),
    "nonce-wrong": Odd(
        "id-token-not-for-this-login", {"id_claims": {"nonce": "another"}}, {"refusal": OPEN_ID}, says="nonce"
    ),
    "id-token-of-another-client": Odd(
        "id-token-not-for-this-login", {"id_claims": {"aud": "another"}}, {"refusal": OPEN_ID}, says="aud"
    ),
}
TOKENS: Final = {
    "token-200-with-an-error": Odd(
        "token-request-refused", instead=token(200, {"error": "call_again"}), says="200 call_again"
    ),
    "token-200-with-githubs-word": Odd(
        "authorization-code-refused",
        instead=token(200, {"error": "bad_verification_code"}),
        says="bad_verification_code",
    ),
    "token-html": Odd("token-request-refused", instead=token(200, "<html>Sign in", "text/html")),
    "token-401-invalid-grant": Odd(
        "authorization-code-refused",
        instead=token(401, {"error": "invalid_grant"}),
        says="/token is answered 401",
    ),
    "token-500": Odd("authorization-server-error", instead=token(500, "oops", "text/plain"), says="500"),
    "token-429": Odd("rate-limited", instead=token(429, {"error": "slow_down"}), says="429"),
    "token-of-an-unknown-kind": Odd("token-request-refused", {"token": {"token_type": "mac"}}, says="mac"),
    "no-access-token": Odd("token-request-refused", {"token": {"access_token": None}}),
    "token-endpoint-redirects": Odd(
        "token-request-refused",
        instead=token(307, Location="{base}/token"),
        says="another address",
        most={"127.0.0.1/token": 0},
    ),
    "resource-refused-at-the-token-endpoint": Odd(
        "resource-not-accepted", instead=token(400, {"error": "invalid_target"}), says="/mcp"
    ),
    "resource-refused-as-entra-does": Odd(
        "resource-scope-conflict-aadsts9010010",
        instead=token(
            400, {"error": "invalid_request", "error_description": "AADSTS9010010: The resource does not"}
        ),
    ),
    "scope-refused-at-the-token-endpoint": Odd(
        "scope-not-known-at-issuer", instead=token(400, {"error": "invalid_scope"}), says="asked for: read"
    ),
    "code-used-before": Odd("authorization-code-refused", back(code="spent"), says="invalid_grant"),
    "client-forgotten": Odd("stale-dynamic-client", instead=token(401, {"error": "invalid_client"})),
    "known-client-refused": Odd(
        "client-secret-wrong-or-id-instead-of-value",
        instead=token(401, {"error": "invalid_client"}),
        options=BY_KNOWN,
        says=f"`{KNOWN}` without a secret",
    ),
    "secret-wanted": Odd(
        "public-client-flow-secret-required",
        instead=token(
            401, {"error": "invalid_client", "error_description": "AADSTS7000218: The request body must"}
        ),
        options=BY_KNOWN,
    ),
    "resource-ignored": Odd("audience-not-bound-to-resource", {"claims": {"aud": "https://other.invalid"}}),
    "token-already-expired": Odd("access-token-expired", {"claims": {"exp": 1_000_000_000}}),
}
LACKING: Final = 'Bearer error="insufficient_scope", scope="{}", resource_metadata="{{base}}/x"'
ACCESS: Final = {
    "step-up-that-never-ends": Odd(
        "step-up-scope-loop",
        instead={
            "accepted": tuple(challenge(LACKING.format(s), status=403) for s in ("write", "openid", "read"))
        },
        most={"authorize": 6},
    ),
    "step-up-to-the-same": Odd(
        "step-up-scope-loop",
        instead={"accepted": challenge(LACKING.format("read"), status=403)},
        most={"authorize": 2},
        says="goes on asking for `read`, which the token has",
    ),
    "step-up-not-granted": Odd(
        "step-up-scope-loop",
        {"claims": {"scope": "read"}},
        wants="write",
        most={"authorize": 3},
        says="does not grant `write`",
    ),
    "lookalike-in-the-text": Odd(
        "insufficient-scope",
        instead={"accepted": Answer(403, {"message": "insufficient_scope: ask your admin"})},
        certainty="likely",
        most={"authorize": 1},
    ),
}
DEVICES: Final = {
    "device-denied": Odd("login-denied", instead=token(400, {"error": "access_denied"}), options=BY_CODE),
    "device-expired": Odd(
        "device-code-expired", instead=token(400, {"error": "expired_token"}), options=BY_CODE
    ),
    "device-page-in-the-clear": Odd(
        "device-answer-unusable",
        change={"device": {"verification_uri": "http://issuer.invalid/code"}},
        options=BY_CODE,
    ),
    "device-without-a-user-code": Odd(
        "device-answer-unusable", change={"device": {"user_code": None}}, options=BY_CODE
    ),
    "device-refuses-the-client": Odd(
        "client-grant-not-allowed",
        instead={"device": Answer(400, {"error": "unauthorized_client"})},
        options=BY_CODE,
        says="/device is answered 400",
    ),
}
ODD: Final = {**DISCOVERY, **SCHEMES, **CLIENTS, **RESPONSES, **TOKENS, **ACCESS, **DEVICES}
