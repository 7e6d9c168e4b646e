"""What providers say: each pack is read strictly, names causes that there are, and hears what it should and no more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics import packs
from diagnostics.causes.book import REGISTRY
from diagnostics.causes.packed import by_pack
from diagnostics.facts.refused import ANSWER, LOGIN, TOKEN, TOOL, Heard, Refusals
from diagnostics.packs.parse import parse
from wizard.errors import CatalogueError

PACKS = packs.load()
SAYINGS = [(p.id, n, s) for p in PACKS for n, s in enumerate(p.sayings)]
ENTRY = """id = "acme"
title = "Acme"

[[says]]
cause = "login-denied"
codes = ["E42"]
where = "acme.test, Users"
sources = ["https://acme.test/errors"]
"""


def heard(text: str, by: str = TOKEN, status: int | None = 400, **more: object) -> dict[str, packs.Said]:
    given = Heard(by, status, text, **more)  # type: ignore[arg-type]  # a test's own words
    return dict(packs.said(Refusals((given,)), PACKS))


@pytest.mark.parametrize(("id", "number", "saying"), SAYINGS, ids=[f"{i}-{n}" for i, n, _ in SAYINGS])
def test_each_saying_names_a_cause_that_there_is(id: str, number: int, saying: packs.Saying) -> None:
    assert saying.cause in REGISTRY, (id, number)
    groups = {g for p in (*saying.texts, *saying.headers.values()) for g in p.groupindex} | {"missing"}
    for text in (saying.title, saying.where, saying.request, *saying.steps):
        assert set(re.findall(r"\{(\w+)\}", text)) <= groups, (id, number, text)


def test_each_cause_that_only_a_pack_tells_is_in_one() -> None:
    told = {s.cause for _, _, s in SAYINGS if not s.adds}
    assert {c.id for c in REGISTRY.values() if c.rule is by_pack} <= told


def test_each_pack_is_called_as_its_file() -> None:
    folder = Path(packs.__file__).parent
    assert sorted(p.stem for p in folder.glob("*.toml")) == [p.id for p in PACKS]


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        (('codes = ["E42"]', 'texts = ["("]'), 6, "no regular expression"),
        (('codes = ["E42"]\n', ""), 5, "nothing that is said"),
        (('where = "acme.test, Users"\n', ""), 5, "nothing to do"),
        (('codes = ["E42"]', 'codes = ["E42"]\nstatus = ["600"]'), 7, "`600`"),
        (('codes = ["E42"]', 'codes = ["E42"]\nat = ["page"]'), 7, "`page`"),
        (('codes = ["E42"]', 'codes = ["E42"]\nvendor = true'), 7, "not recognised"),
        (('codes = ["E42"]', 'codes = ["E42"]\ncolour = "red"'), 7, "unknown key `colour`"),
        (('sources = ["https://acme.test/errors"]', 'sources = ["a friend"]'), 8, "`a friend`"),
        (('cause = "login-denied"', 'cause = "Login Denied"'), 5, "`Login Denied`"),
    ],
)
def test_what_is_wrong_in_a_pack_is_told_with_its_line(change: tuple[str, str], line: int, says: str) -> None:
    assert parse(ENTRY, "acme.toml").sayings[0].cause == "login-denied"
    with pytest.raises(CatalogueError) as failed:
        parse(ENTRY.replace(*change), "acme.toml")
    assert failed.value.detail.startswith(f"acme.toml:{line}: "), failed.value.detail
    assert says in failed.value.detail


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("invalid_grant AADSTS65001: The user or administrator has not consented", "consent-missing-entra"),
        ("AADSTS700016: Application with identifier 'x' was not found", "entra-wrong-tenant-or-account"),
        ("AADSTS53003: Access has been blocked", "conditional-access-blocked"),
        ("AADSTS9002326: Cross-origin", "spa-redirect-platform-mismatch"),
        ("AADSTS50105: The signed in user is not assigned to a role", "user-not-assigned-to-app"),
        ("access_denied User is not assigned to the client application.", "user-not-assigned-to-app"),
        ("AADSTS500011: The resource principal named x", "resource-principal-not-found-aadsts500011"),
        ("AADSTS9010010: The resource parameter", "resource-scope-conflict-aadsts9010010"),
        ("access_denied Service not found: https://api.acme.test", "resource-not-accepted"),
        ("unauthorized_client Client not enabled to retrieve service account", "client-grant-not-allowed"),
        (
            "invalid_scope One or more scopes are not configured for the authorization server resource.",
            "scope-not-known-at-issuer",
        ),
    ],
)
def test_a_token_endpoint_s_words_name_the_cause(text: str, cause: str) -> None:
    assert [c for c, s in heard(text).items() if not s.adds] == [cause]


@pytest.mark.parametrize(
    "text",
    [
        "AADSTS650010: another number that begins alike",
        "XAADSTS65001",
        "invalid_grant Token is not active",
        "Not Found",
        "the rate of interest, the limit of my patience",
        "has not completed the form",
    ],
)
def test_words_that_only_look_alike_say_nothing(text: str) -> None:
    assert not [c for c, s in heard(text).items() if not s.adds]
    assert not [c for c, s in heard(text, ANSWER, 403).items() if not s.adds]


def test_a_success_says_nothing_unless_its_status_is_named() -> None:
    words = (
        "AADSTS65001 Resource not accessible by personal access token. scope does not match. SERVICE_DISABLED"
    )
    assert not heard(words, ANSWER, 200)
    assert "slack-missing-scope-or-token-type" in heard('{"ok":false,"error":"missing_scope"}', ANSWER, 200)


def test_what_everybody_is_told_is_likely_at_most_unless_it_is_a_limit() -> None:
    lacks = heard("Resource not accessible by integration", ANSWER, 403, apart=False)
    assert lacks["github-fine-grained-permission-missing"].verdict.certainty == "likely"
    limit = heard("You have exceeded a secondary rate limit.", ANSWER, 403, apart=False)
    assert limit["github-rate-or-secondary-limit-as-403"].verdict.certainty == "proven"


def test_a_vendor_s_own_code_counts_only_in_its_own_answer() -> None:
    assert not heard("object_not_found", ANSWER, 404)
    assert "notion-page-not-shared" in heard("object_not_found", ANSWER, 404, service="notion")
    assert "notion-page-not-shared" in heard("object_not_found", ANSWER, 404, begins="ntn_")


def test_a_title_that_lacks_its_word_is_the_cause_s_own() -> None:
    said = heard("Request had insufficient authentication scopes.", ANSWER, 403)["google-scope-insufficient"]
    assert said.verdict.title == ""
    assert all("{" not in f for f in said.verdict.fix)


@given(st.text(), st.sampled_from([ANSWER, LOGIN, TOKEN, TOOL]), st.none() | st.integers(100, 599))
def test_no_words_bring_it_down(text: str, by: str, status: int | None) -> None:
    for said in heard(text, by, status).values():
        assert said.verdict.evidence


def test_a_long_text_is_read_at_once() -> None:
    graph = heard("AADSTS650053 asked for scope '" * 2000, LOGIN, None)
    assert graph["entra-unqualified-scope-resolves-to-graph"].verdict.certainty == "likely"
    assert not heard('"needed":"x" ' * 2000, ANSWER, 200)
