"""A token in words: what is many is shown once and short, an id leads to its explanation, SAML speaks to people."""

from __future__ import annotations

import base64
import json
import secrets
import time

import pytest
from support.running import Put, Run
from test_tokens_kinds import jwt, message, told

from diagnostics import causes
from screens.token_text import explained


def _many(long: bool) -> str:
    name = "a department with a long name" if long else "team"
    return jwt(
        iss="https://idp.test", exp=time.time() + 900, scope="read", typ="Bearer",
        groups=[f"{name} {n}" for n in range(2000)],
    )  # fmt: skip


@pytest.mark.parametrize("long", [False, True], ids=["long", "longest"])
def test_a_token_of_many_groups_shows_the_first_of_them_once(run: Run, put: Put, long: bool) -> None:
    source = put(_many(long))
    found = run("token", source)
    name = "a department with a long name" if long else "team"
    assert found.out.count(f"{name} 0") == 1
    assert "and 1,992 more" in found.out
    assert f"{name} 20" not in found.out
    assert "no credential" not in found.out
    assert found.out.count("no server takes so long a header") == 1
    whole = run("token", source, "--verbose").out
    assert f"{name} 1999" in whole
    assert len(run("token", source, "--json").json["groups"]) == 2000


def test_on_the_screen_as_well() -> None:
    rows = "\n".join(f"{r.prefix.plain}{r.body.plain}" for r in explained(told(_many(long=True))))
    assert rows.count("a department with a long name 0") == 1
    assert "no credential" not in rows


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"access_token": secrets.token_urlsafe(24)}),
        f"TOKEN={secrets.token_urlsafe(24)}",
        "a" * 17_000,
        "a" * 70_000,
        f"{secrets.token_urlsafe(24)}\n{secrets.token_urlsafe(24)}",
        f"Bearer Bearer {secrets.token_urlsafe(24)}",
        f'"{secrets.token_urlsafe(24)}"',
        "${TOKEN}",
        "",
        "<your-token>",
    ],
    ids=["json", "assignment", "long", "longest", "lines", "twice", "quotes", "variable", "none", "placeholder"],
)  # fmt: skip
def test_every_id_can_be_looked_up(text: str) -> None:
    report = told(text)
    for finding in (*report.findings, *report.warnings):
        assert causes.get(finding.cause), finding


def test_a_finding_is_not_its_own_evidence(run: Run, put: Put) -> None:
    said = run("token", put(json.dumps({"access_token": secrets.token_urlsafe(24)}))).out
    assert said.count("You pasted a whole JSON object") == 1


@pytest.mark.parametrize("signed", [False, True])
def test_saml_in_words(run: Run, put: Put, signed: bool) -> None:
    inside = '<d:Signature xmlns:d="http://www.w3.org/2000/09/xmldsig#"/>' if signed else ""
    found = run("token", put(base64.b64encode(message(inside=inside).encode()).decode()))
    assert ("signature unchecked" in found.out) == signed
    assert ("not signed" in found.out) == (not signed)
    assert ("Its signature is not checked here." in found.out) == signed
    for word in ("present: True", "None", "null", "false", "encrypted_assertions"):
        assert word not in found.out, found.out
    assert "named" in found.out
