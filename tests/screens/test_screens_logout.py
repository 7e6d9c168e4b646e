"""A logout, as its screen tells it."""

from __future__ import annotations

import pytest

from screens.login.work import out_rows
from screens.words import STATES, plain_ascii
from wizard.oauth.logging_in import LoggedOut
from wizard.oauth.revocation import Revoked


@pytest.mark.parametrize(
    ("one", "state"),
    [
        (Revoked("access_token"), "works"),
        (Revoked("access_token", "400 unsupported_token_type", lasts=True), "warning"),
        (Revoked("access_token", "500"), "broken"),
    ],
    ids=["revoked", "of a kind that is not", "refused"],
)
def test_a_token_that_the_issuer_does_not_revoke_by_its_kind_is_no_failure(one: Revoked, state: str) -> None:
    told = out_rows(LoggedOut(None, True, (one,), "file:c/login"))[-1]
    mark = STATES[state].twin if plain_ascii() else STATES[state].mark
    assert told.prefix.plain.startswith(mark)
