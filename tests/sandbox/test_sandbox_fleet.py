"""The practice Fleet server: the document's three refusals, open health, plain list of agents."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import httpx
import pytest

from sandbox import practice
from sandbox.practice import PracticeService


@pytest.fixture
def fleet(home: object) -> Iterator[PracticeService]:
    with practice.start() as started:
        yield started.services["fleet"]


@pytest.fixture
def web(fleet: PracticeService) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=fleet.url, trust_env=False) as client:
        yield client


def test_health_is_open_and_agents_are_not(fleet: PracticeService, web: httpx.Client) -> None:
    assert web.get("/health").status_code == 200
    assert web.get("/mcp/list_agents").status_code == 401
    token = fleet.credentials["token"].reveal()
    agents = web.get("/mcp/list_agents", headers={"Authorization": f"Bearer {token}"})
    assert agents.status_code == 200
    assert agents.json()["agents"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "error"),
    [
        (None, "missing_token"),
        ("Bearer {false}", "invalid_token"),
        ("Bearer {token}x", "invalid_token"),
        ('Bearer "{token}"', "invalid_token"),
        ("bearer {token}", "malformed_header"),
        ("BEARER {token}", "malformed_header"),
        ("Basic {token}", "malformed_header"),
        ("{token}", "malformed_header"),
        ("Bearer", "malformed_header"),
        ("", "malformed_header"),
        ("Bearer Bearer {token}", "malformed_header"),
        ("Bearer  {token}", "malformed_header"),
    ],
)
def test_the_documents_three_errors(
    fleet: PracticeService, web: httpx.Client, form: str | None, error: str
) -> None:
    token, false = fleet.credentials["token"].reveal(), secrets.token_urlsafe(32)
    headers = {} if form is None else {"Authorization": form.format(token=token, false=false)}
    for path in ("/mcp/list_agents", "/mcp", "/"):
        answer = web.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.json() == {
            "error": error,
            "error_description": "The access token is invalid or missing",
        }
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_the_token_file_goes_with_the_server(home: object) -> None:
    with practice.start() as started:
        path = started.services["fleet"].token_file
        assert path is not None
        assert path.exists()
    assert not path.parent.exists()
