"""A secret that two connections share stays when one of them goes, however each writes where it is."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from wizard import connections, removal
from wizard.connections import Connection
from wizard.secret import Secret
from wizard.vault import get_store, parse_source


def _two(home: Path, form: str) -> tuple[str, Secret]:
    made = Secret(secrets.token_urlsafe(24))
    # what begins with a brace is kept as JSON, so that one of its fields can be named
    kept = Secret(f"{{{made.reveal()}")
    reference = get_store("file").save("one", "token", kept)
    path = reference.removeprefix("file:")
    link = home / "link"
    link.symlink_to(path)
    other = {
        "same": reference,
        "home": f"file:~/{Path(path).relative_to(home)}",
        "field": f"{reference}#value",
        "dots": f"file:{home}/project/../{Path(path).relative_to(home)}",
        "link": f"file:{link}",
    }[form]
    for name, source in (("one", reference), ("two", other)):
        connections.save(
            Connection(name, "http", "own", "http://127.0.0.1:1/", "bearer", {}, {"token": source})
        )
    return other, kept


@pytest.mark.parametrize("form", ["same", "home", "field", "dots", "link"])
def test_removing_one_leaves_it_to_the_other(form: str, home: Path) -> None:
    other, kept = _two(home, form)
    done = removal.carry_out(removal.prepare("one"))
    assert [p.why for p in done.stays if p.kind == "secret"] == ["another connection uses it"]
    assert parse_source(other).read() == kept
    assert connections.secrets_of(connections.get("two"))["token"] == kept


@pytest.mark.parametrize("form", ["same", "home", "field", "dots", "link"])
def test_renaming_one_leaves_it_to_the_other(form: str, home: Path) -> None:
    other, kept = _two(home, form)
    removal.rename("one", "three")
    assert parse_source(other).read() == kept
    assert connections.secrets_of(connections.get("three"))["token"] == kept


def test_what_nobody_else_uses_goes() -> None:
    reference = get_store("file").save("one", "token", Secret(secrets.token_urlsafe(24)))
    connections.save(
        Connection("one", "http", "own", "http://127.0.0.1:1/", "bearer", {}, {"token": reference})
    )
    removal.carry_out(removal.prepare("one"))
    assert not Path(reference.removeprefix("file:")).exists()
