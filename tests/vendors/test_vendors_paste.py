"""What is pasted into a vendor's field: the right beginnings pass, another vendor's token is told for what it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.vendors import made
from wizard import paste, prefixes
from wizard.catalogue import load
from wizard.services import Field

VENDORS = ("atlassian", "google", "github", "slack", "notion", "fusionauth")
FIELDS = [
    (id, m.id, f)
    for id in VENDORS
    for m in load().get(id).methods
    for f in m.fields
    if f.secret and f.prefix and not m.unavailable
]


@pytest.mark.row("A8")
@pytest.mark.parametrize(("id", "method", "field"), FIELDS, ids=[f"{i}-{m}" for i, m, _ in FIELDS])
def test_each_fields_beginnings(id: str, method: str, field: Field) -> None:
    for begins in field.beginnings:
        assert paste.look(made(begins).reveal(), field) == ()
        assert {cut.id for cut in paste.look(begins, field)} == {"token-truncated-or-placeholder"}
    for known in prefixes.TABLE:
        value = made(known.begins).reveal()
        issues = paste.look(value, field)
        if value.startswith(field.beginnings):
            assert issues == ()
            continue
        (issue,) = issues
        assert (issue.id, issue.severity) == ("credential-of-wrong-kind", paste.DOUBTFUL)
        assert known.whose in issue.says
        assert known.begins in issue.says
        assert value not in issue.says
    (odd,) = paste.look(made("q9").reveal(), field)
    assert (odd.id, odd.severity) == ("wrong-prefix", paste.DOUBTFUL)


@given(text=st.text(max_size=80))
def test_no_text_breaks_the_table_and_none_is_two_things(text: str) -> None:
    found = prefixes.known(text)
    assert found is None or text.startswith(found.begins)
    for field in (Field("token", "Token", secret=True, prefix="a", also=("b",)), Field("token", "Token")):
        misplaced = prefixes.misplaced(text, field)
        assert misplaced is None or not text.startswith(("a", "b"))


def test_a_longer_beginning_stands_before_a_shorter_one() -> None:
    begins = [k.begins for k in prefixes.TABLE]
    assert len(set(begins)) == len(begins)
    for n, one in enumerate(begins):
        assert not any(later.startswith(one) and later != one for later in begins[n + 1 :])
