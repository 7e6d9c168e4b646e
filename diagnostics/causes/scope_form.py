"""Layer scope: the scope is in the token, and not where or how the server reads it; or none was asked for."""

from __future__ import annotations

from typing import Final

from wizard.livetest import Evidence

from ..facts import JwtView
from ..facts.oauth import TokenAnswer
from ..facts.permission import SCOPE, Permissions
from ..facts.wire import Answer, Differential
from ..token import scopes_of
from . import told
from .book import Verdict, cause, likely, proven
from .permitted import named, refusal, said

_STANDARD: Final = "scope"
_ACCOUNT: Final = "aws.cognito.signin.user.admin"


def _there(permissions: Permissions) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """The scopes that are demanded, the claims that hold all of them, and whether the demand is certain."""
    sure = permissions.demanded(SCOPE)
    wanted = sure or permissions.demanded(SCOPE, certain=False)
    values = tuple(dict.fromkeys(d.value for d in wanted))
    if wanted and all(d.choice for d in wanted):
        held = next((v for v in values if permissions.at(v)), "")
        values = (held,) if held else ()
    return values, permissions.holding(values), bool(sure)


def _by_form(permissions: Permissions, claims: tuple[str, ...]) -> bool:
    """Whether it is the form that is not understood: the claim is the standard one, and holds more than a word; or the
    refusal quotes it whole, or another claim as one word."""
    other = [c for c in permissions.claims if c not in claims]
    if _STANDARD in claims:
        return permissions.shape(_STANDARD) in ("list", "commas") or (
            permissions.shape(_STANDARD) == "spaces" and not other
        )
    whole = [permissions.raw(c) for c in claims if " " in permissions.raw(c)]
    return any(f"{q}{text}{q}" in permissions.words for text in whole for q in "'\"`")


def _met(differential: Differential, permissions: Permissions) -> Answer | None:
    """The refusal, where nothing in it is about a group or a role instead."""
    answer = refusal(differential, permissions)
    if answer is None or permissions.speaks_of("role", "group", "email", "verified"):
        return None
    return answer


@cause(
    id="scope-claim-name-mismatch",
    layer="scope",
    owner="server-admin",
    title="The scope is in the token, in another claim than the server reads.",
    explanation="Providers write scopes into different claims: `scope` (RFC 9068), `scp` (Entra, Okta), `permissions`"
    " (Auth0). A server that reads one of them finds nothing in a token that has another.",
    fix=(
        "The server's admin: have the server read the claim that the provider writes.",
        "Or the identity provider's admin: add a claim mapping for the name that the server reads.",
    ),
    sources=(
        "https://github.com/envoyproxy/gateway/issues/8027",
        "https://github.com/ThreeMammals/Ocelot/issues/1567",
        "https://github.com/ory/oathkeeper/pull/162",
        "https://github.com/apollographql/apollo-mcp-server/issues/808",
        "RFC 9068 section 2.2.3",
    ),
    explains=("insufficient-scope", "token-not-recognised", "scope-present-role-missing"),
)
def other_claim(differential: Differential, permissions: Permissions) -> Verdict | None:
    """All that is demanded is in one claim, and the refusal says that it is missing."""
    answer = _met(differential, permissions)
    wanted, claims, sure = _there(permissions)
    if answer is not None and not permissions.demanded(SCOPE, certain=False):
        return _unnamed(answer, permissions)
    if answer is None or not claims or _by_form(permissions, claims):
        return None
    if not sure and _STANDARD in claims:
        return None
    where = named(claims)
    reads = next((c for c in permissions.claims if c not in claims), "" if _STANDARD in claims else _STANDARD)
    elsewhere = f"; the server reads `{reads}`" if reads else "; the server reads another claim"
    return (proven if sure else likely)(
        Evidence("jwt", f"the token has {named(wanted)} in its claim {where}"),
        said(answer, permissions),
        Evidence("permissions", f"{named(wanted)} is what {_by(permissions)} asks for"),
        title=f"The token has {named(wanted)} in {where}{elsewhere}.",
        fix=(
            f"To the server's admin: \"Read the scopes from the claim {where}: our tokens have {named(wanted)} there"
            f'{f", and none in `{reads}`" if reads and reads not in permissions.names else ""}."',
            "Or to the identity provider's admin: add a claim mapping, so that the token has them where the server"
            " looks.",
        ),
    )


def _unnamed(answer: Answer, permissions: Permissions) -> Verdict | None:
    """Nobody names a scope, the refusal tells of nothing else, and the claim that most servers read is not there."""
    others = [name for name, _, _ in permissions.shapes if name != _STANDARD]
    plain = not permissions.words or permissions.speaks_of(
        "rbac", "scope", "permission", "access denied", "forbidden"
    )
    if (
        answer.status != 403
        or not others
        or _STANDARD in permissions.names
        or not plain
        or permissions.demands
    ):
        return None
    return likely(
        Evidence("jwt", f"the token's scopes stand in {named(others)}, and there is no `{_STANDARD}`"),
        said(answer, permissions),
        title=f"The token's scopes stand in {named(others)}, which a server that reads `{_STANDARD}` does not see.",
    )


def _by(permissions: Permissions) -> str:
    wanted = permissions.demanded(SCOPE) or permissions.demanded(SCOPE, certain=False)
    return wanted[0].source if wanted else "the server"


@cause(
    id="scope-format-string-vs-array",
    layer="scope",
    owner="server-admin",
    title="The scope is in the token, written in a form that the server does not take apart.",
    explanation="Scopes stand in one text with spaces between them (RFC 6749 section 3.3). Some providers write a list,"
    " or commas; some servers compare the whole text with the one scope that they want. So a token with one scope"
    " passes, and the same with two does not.",
    fix=(
        "The server's admin: split the claim at spaces (and take a list too) before comparing.",
        "Until then: ask for a token with only the one scope.",
    ),
    sources=(
        "https://github.com/ThreeMammals/Ocelot/issues/913",
        "https://github.com/dherault/serverless-offline/issues/1789",
        "https://github.com/ballerina-platform/ballerina-library/issues/1801",
        "RFC 6749 section 3.3",
    ),
    explains=("insufficient-scope", "token-not-recognised", "scope-present-role-missing"),
)
def other_form(differential: Differential, permissions: Permissions) -> Verdict | None:
    """All that is demanded is in the claim, among others, and the refusal says that it is missing."""
    answer = _met(differential, permissions)
    wanted, claims, sure = _there(permissions)
    if answer is None or not claims or not _by_form(permissions, claims):
        return None
    claim = _STANDARD if _STANDARD in claims else claims[0]
    shape, raw = permissions.shape(claim), permissions.raw(claim)
    if not sure and shape == "spaces" and not permissions.speaks_of("scope"):
        return None
    form = {"list": "a list", "commas": "one text with commas"}.get(shape, "one text with spaces")
    return (proven if sure else likely)(
        Evidence("jwt", f"the token's `{claim}` is {form}: {raw[:160]}"),
        Evidence("permissions", f"{named(wanted)} is in it, and is what {_by(permissions)} asks for"),
        said(answer, permissions),
        title=f"The token has {named(wanted)} in `{claim}`, and the server does not find it: `{claim}` is {form}.",
        fix=(
            f"To the server's admin: \"Your check does not find {named(wanted)} in `{claim}`, which is {form}. Please"
            ' split it into its scopes before comparing."',
            f"Until then: get a token with {named(wanted)} alone.",
        ),
    )


@cause(
    id="no-scope-requested",
    layer="scope",
    owner="you",
    title="The token was asked for without a scope, and so has none that opens this server.",
    explanation="Who names no scope gets what the provider gives unasked. Cognito gives a token that is good for the"
    " account alone (aws.cognito.signin.user.admin), or a code that nobody can exchange.",
    fix=(
        "Ask for the scopes: --set scope='SCOPES', or oauth.scopes in the client's config; then log in again.",
        "The server's admin: name them in scopes_supported of the resource metadata, and in the challenge.",
    ),
    sources=(
        "https://github.com/anthropics/claude-code/issues/90190",
        "RFC 6749 section 3.3",
        "https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html",
    ),
    explains=("insufficient-scope", "token-not-recognised", "authorization-code-refused"),
)
def no_scope(
    differential: Differential, jwt: JwtView, permissions: Permissions, asked: TokenAnswer | None
) -> Verdict | None:
    """The token has no scope but the one for the account itself, and the server asks for some."""
    real = differential.real
    held = scopes_of(jwt.claims)
    wanted = permissions.demanded(SCOPE) or permissions.demanded(SCOPE, certain=False)
    if real is None or not real.refused or (set(held) - {_ACCOUNT, "openid"}):
        return None
    if not wanted and _ACCOUNT not in held:
        return None
    if permissions.holding(d.value for d in wanted) or any(permissions.at(d.value) for d in wanted):
        return None
    cognito = _ACCOUNT in held or jwt.claims.get("token_use") == "access"
    unasked = asked is not None and asked.given and not asked.scope
    if not (cognito or unasked):
        return None
    known = refusal(differential, permissions) is not None
    shown = " ".join(held) or "none"
    if not wanted:
        return likely(Evidence("jwt", f"the token's scopes: {shown}"), said(real, permissions))
    listed = named(dict.fromkeys(d.value for d in wanted))
    how = (Evidence("token-answer", "the token was asked for without a scope"),) if unasked else ()
    return (proven if known and all(d.certain for d in wanted) else likely)(
        Evidence("jwt", f"the token's scopes: {shown}"),
        *how,
        Evidence("permissions", f"{wanted[0].source} names {listed}"),
        said(real, permissions),
        title=f"No scope was asked for: the token's scopes are {shown}, and this server wants {listed}.",
        fix=(
            f"Ask for {listed}: --set scope='{' '.join(dict.fromkeys(d.value for d in wanted))}', or oauth.scopes in"
            " the client's config; then log in again.",
            "Cognito's admin: App clients, the client, Login pages, Custom scopes: allow them to the client.",
        ),
    )


cause(
    id="invalid-scope-requested-from-metadata",
    layer="scope",
    owner="server-admin",
    title="All scopes of a list in the metadata were asked for, and this client may not have all of them.",
    explanation="Where nobody says which scopes are needed, a client asks for all that the metadata lists. A list of"
    " all that there is holds scopes that this client was never given (Cognito, Slack), and one of them is enough"
    " for `invalid_scope`.",
    fix=(
        "Ask for less: --scopes SCOPES, or --set scope=SCOPES (openid alone shows whether it is this).",
        "The server's admin: name in scopes_supported of the resource metadata, and in the challenge, only what every"
        " client needs.",
        "The identity provider's admin: allow the client the others. Cognito: App clients, the client, Login pages,"
        " Custom scopes. Slack: the app, OAuth & Permissions, Scopes.",
    ),
    sources=(
        "https://github.com/openchoreo/openchoreo/issues/3217",
        "https://github.com/anthropics/claude-code/issues/34371",
        "https://github.com/Chainlit/chainlit/issues/2136",
        "MCP-C1, MCP-C2: MCP 2026-07-28, Overview, Scope Selection Strategy",
    ),
    explains=("scope-not-known-at-issuer",),
)(told.by_login)
