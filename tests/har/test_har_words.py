"""What a provider says on a page of a recording, or sends back with an error, names its cause."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.hars import Har, authorize, query, value
from support.running import Ran, Run

IDP = "https://login.idp.test/authorize"
APP = "https://app.acme.test"


def sent_to_the_provider(har: Har) -> tuple[str, str]:
    state = value()
    asked = authorize(IDP, "web", f"{APP}/callback", state, scope="openid email")
    har.ask(f"{APP}/login", 302, to=asked, sets=(f"csrf={state[:9]}; Path=/; Secure",), cookie="a=b")
    return asked, state


def judged(run: Run, folder: Path, har: Har) -> Ran:
    place = folder / "login.har"
    place.write_text(har.text())
    return run("doctor", "--har", str(place), "--json")


@pytest.mark.parametrize(
    ("status", "words", "cause"),
    [
        (
            200,
            "AADSTS50105: Your administrator has configured the application to block users",
            "user-not-assigned-to-app",
        ),
        (
            200,
            "AADSTS50020: User account from identity provider does not exist",
            "entra-wrong-tenant-or-account",
        ),
        (403, "mailer has not completed the Google verification process", "google-access-denied-test-users"),
    ],
)
def test_a_page_on_which_the_provider_says_why(
    run: Run, tmp_path: Path, status: int, words: str, cause: str
) -> None:
    har = Har()
    asked, _ = sent_to_the_provider(har)
    har.ask(asked, 302, to="https://login.idp.test/sorry")
    har.ask("https://login.idp.test/sorry", status, page=f"<html><h1>Sorry</h1><p>{words}</p></html>")
    found = judged(run, tmp_path, har)
    assert (found.code, found.causes[0]) == (1, cause), found.out


def test_an_error_that_the_provider_sends_back_with_a_number(run: Run, tmp_path: Path) -> None:
    har = Har()
    asked, state = sent_to_the_provider(har)
    says = "AADSTS65004: User declined to consent to access the app."
    answer = query(f"{APP}/callback", error="access_denied", error_description=says, state=state)
    har.ask(asked, 302, to=answer)
    har.ask(answer, 400, page="<h1>Not logged in</h1>")
    found = judged(run, tmp_path, har)
    assert (found.code, found.causes[0]) == (1, "consent-missing-entra"), found.out
