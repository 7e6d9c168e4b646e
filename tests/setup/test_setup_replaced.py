"""A name that another way of signing in has already: said before it is replaced."""

from __future__ import annotations

from wizard import catalogue, connections, setup
from wizard.connections import Connection
from wizard.setup import Draft


def draft(method: str) -> Draft:
    service = catalogue.load().get("fleet")
    d = setup.with_service(setup.new(), service, service.environment("own"), "https://fleet.test")
    found = service.method(method)
    assert found is not None
    return setup.with_name(setup.with_method(d, found), "mine")


def test_another_method_under_the_same_name_is_said() -> None:
    connections.save(Connection("mine", "fleet", "own", "https://fleet.test", "bearer"))
    assert setup.replaced(draft("token_file")) == "mine is there already (Token), and is replaced."
    assert setup.replaced(draft("bearer")) == ""


def test_a_free_name_replaces_nothing() -> None:
    assert setup.replaced(draft("bearer")) == ""
