"""What the browser's page calls that which was logged in to."""

from __future__ import annotations

import pytest

from wizard import catalogue
from wizard.choice import Choice


@pytest.mark.parametrize(
    ("service", "url", "connection", "called"),
    [
        ("mcp", "https://mcp.example.com:8443/mcp", "", "mcp.example.com:8443"),
        ("http", "https://someone@api.example.com/v1", "", "api.example.com"),
        ("mcp", "https://mcp.example.com/mcp", "mine", "mine"),
        ("github", "", "", "GitHub"),
    ],
)
def test_a_login_is_called_by_what_the_person_knows(
    service: str, url: str, connection: str, called: str
) -> None:
    found = catalogue.load().get(service)
    choice = Choice(found, found.environments[0], found.methods[0], url, connection=connection)
    assert choice.called == called
