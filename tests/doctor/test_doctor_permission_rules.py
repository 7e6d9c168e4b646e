"""The rules about permissions where a refusal says little: likely at most; nothing where it is about another thing."""

from __future__ import annotations

import json

import pytest

from diagnostics.causes.group_claims import slashed
from diagnostics.causes.role import elsewhere, missing
from diagnostics.causes.scope_form import no_scope, other_claim, other_form
from diagnostics.facts import JwtView
from diagnostics.facts.permission import SCOPE, Demand, Permissions
from diagnostics.facts.wire import Answer, Differential
from diagnostics.permissions import claims_named, demanded, overage, program, shapes, walk
from wizard.challenge import parse_challenges

NO = Answer(401, code="invalid_token")


def met(body: object, status: int = 403, challenge: str = "") -> Differential:
    says = body if isinstance(body, str) else ""
    real = Answer(status, says=says, challenges=parse_challenges([challenge] if challenge else []))
    return Differential("mcp", NO, NO, real)


def of(claims: dict[str, object], words: str = "", *, supported: tuple[str, ...] = ()) -> Permissions:
    offered = tuple(Demand(SCOPE, s, "the server's metadata", certain=False) for s in supported)
    asked = (*demanded(words, words), *offered)
    return Permissions(
        tuple(walk(claims)),
        asked,
        tuple(shapes(claims)),
        words,
        claims_named(words),
        overage(claims),
        program(claims),
        tuple(claims),
    )


@pytest.mark.parametrize("words", ["RBAC: access denied", "Forbidden", ""])
def test_scopes_in_another_claim_and_a_refusal_without_a_name(words: str) -> None:
    found = other_claim(met(words), of({"scp": ["read"]}, words))
    assert found is not None and found.certainty == "likely"
    assert "`scp`" in found.title


@pytest.mark.parametrize(
    ("claims", "words", "status"),
    [
        ({"scope": "read"}, "RBAC: access denied", 403),
        ({"scp": ["read"]}, "Your IP address is not on the list", 403),
        ({"scp": ["read"]}, "missing role admin", 403),
        ({"scp": ["read"]}, "RBAC: access denied", 401),
        ({}, "RBAC: access denied", 403),
    ],
)
def test_where_it_is_about_something_else(claims: dict[str, object], words: str, status: int) -> None:
    assert other_claim(met(words, status), of(claims, words)) is None


def test_a_list_where_a_text_is_expected() -> None:
    found = other_form(met("Forbidden"), of({"scope": ["read", "write"]}, "Forbidden", supported=("read",)))
    assert found is not None and found.certainty == "likely"
    assert other_form(met("Forbidden"), of({"scope": "read write"}, "Forbidden", supported=("read",))) is None


def test_cognitos_own_scope_alone() -> None:
    claims = {"scope": "aws.cognito.signin.user.admin", "token_use": "access"}
    found = no_scope(met("Forbidden"), JwtView({}, claims), of(claims, "Forbidden"), None)
    assert found is not None and found.certainty == "likely"
    more = {"scope": "aws.cognito.signin.user.admin api/read"}
    assert (
        no_scope(met("Forbidden"), JwtView({}, more), of(more, "Forbidden", supported=("x",)), None) is None
    )


SPRING = "The request requires higher privileges than provided by the access token."


def test_springs_refusal_of_a_token_with_keycloaks_roles() -> None:
    claims = {"scope": "openid", "realm_access": {"roles": ["admin"]}}
    found = elsewhere(met(SPRING), of(claims, SPRING))
    assert found is not None and found.certainty == "likely"
    assert elsewhere(met(SPRING), of({"scope": "openid"}, SPRING)) is None


@pytest.mark.parametrize("body", ["", '{"error":"forbidden","message":"Access denied"}', "403 Forbidden"])
def test_a_wordless_refusal_where_all_scopes_are_there(body: str) -> None:
    claims = {"scope": "read", "realm_access": {"roles": ["user"]}}
    found = missing(met(body), of(claims, body, supported=("read",)))
    assert found is not None and found.certainty == "likely"
    assert missing(met(body), of({"scope": "read"}, body, supported=("read",))) is None
    assert missing(met(body), of(claims, body, supported=("write",))) is None


def test_a_refusal_with_a_reason_of_its_own_is_no_missing_role() -> None:
    claims = {"scope": "read", "realm_access": {"roles": ["user"]}}
    for body in ("The licence has ended", json.dumps({"message": "blocked by policy AI-7"})):
        assert missing(met(body), of(claims, body, supported=("read",))) is None


@pytest.mark.parametrize(
    ("held", "wanted", "same"),
    [
        ("/ops", "ops", True),
        ("/acme/ops", "ops", True),
        ("ops", "/acme/ops", True),
        ("/acme/ops", "/globex/ops", False),
        ("ops", "ops", False),
        ("/", "ops", False),
        ("opsx", "ops", False),
    ],
)
def test_one_group_with_and_without_its_path(held: str, wanted: str, same: bool) -> None:
    assert slashed(held, wanted) is same
