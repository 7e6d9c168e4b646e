"""A login on another device, from its first line to its end: the program says where and what, Chromium types the code
at Keycloak, and what is kept is used, renewed, looked into and revoked."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from servers.chromium import Person
from servers.keycloak import GROUPS
from servers.keycloak_people import People
from servers.protected import Protected
from support.running import Put, Run

from wizard.oauth import kept, sessions

ROOT: Final = Path(__file__).parents[2]
_SAYS: Final = re.compile(r"Open (\S+) on any device and type the code (\S+)")


def by_code(person: Person, *words: str) -> dict[str, Any]:
    """What the command answers after the person has done what it said."""
    with subprocess.Popen(
        [sys.executable, "-m", "wizard", *words, "--json"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "BROWSER": "false"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout and process.stderr
        heard = ""
        for line in process.stderr:
            heard += line
            if said := _SAYS.search(line):
                page = person.types(said[1], said[2])
                assert "success" in page["text"].lower(), page
                break
        out, rest = process.communicate(timeout=150)
    assert process.returncode == 0, heard + rest + out
    return dict(json.loads(out))


@pytest.mark.real("java", "chromedriver")
@pytest.mark.row("A1")
def test_a_code_typed_at_keycloak_and_all_that_follows(
    people: People,
    keycloak_protected: Protected,
    chromium_browser: Callable[[str, str], Person],
    run: Run,
    put: Put,
) -> None:
    alice = chromium_browser("alice", people.password("alice").reveal())
    url = keycloak_protected.url
    report = by_code(
        alice,
        *("setup", "mcp", "--name", "tv", "--url", url, "--method", "device_code", "--timeout", "120"),
        *("--set", "client_id=tv", "--set", "scope=openid read", "--store", "file", "--yes"),
    )
    assert report["test"]["ok"], report
    keycloak_protected.forget()
    called = run("test", "tv", "--call", "add", "--args", '{"a": 2, "b": 3}', "--json")
    steps = {step["id"]: step["seen"] for step in called.json["steps"]}
    assert (called.code, steps["call"]) == (0, "answered: 5"), called.out
    assert keycloak_protected.heard()[-1]["claims"]["preferred_username"] == "alice"

    first = sessions.read("tv").login
    renewed = run("refresh", "tv", "--json")
    assert renewed.code == 0, renewed.out
    (said,) = renewed.json["connections"]
    # Keycloak gives another one each time; it takes the former one still, unless its realm says otherwise
    assert (said["done"], said["rotated"], said["renewable"]) == ("renewed", True, True)
    second = sessions.read("tv")
    assert second.login.access_token != first.access_token
    assert run("test", "tv", "--json").code == 0

    token = put(second.login.access_token)
    told = run("token", token, "--verify", "--userinfo", "--json")
    assert (told.code, told.json["signature"], told.json["findings"]) == (0, "valid", []), told.out
    assert set(GROUPS) <= set(told.json["groups"])
    assert url in told.json["audience"]
    assert told.json["user_info"]["claims"]["preferred_username"] == "alice"

    ended = run("logout", "tv", "--json")
    assert ended.code == 0, ended.out
    assert ended.json["revocation"] == "advertised"
    assert [(r["token"], r["ok"]) for r in ended.json["revoked"]] == [
        ("refresh_token", True),
        ("access_token", True),
    ]
    next_use = run("test", "tv", "--json", "--timeout", "20")
    assert (next_use.code, next_use.json["finding"]["cause"]) == (1, "not-logged-in"), next_use.out
    after = run("token", token, "--userinfo", "--json")
    assert (after.code, after.json["user_info"]["status"]) == (1, 401), after.out
    # whoever kept a copy of it has nothing
    kept.put("tv", second)
    copied = run("refresh", "tv", "--json")
    assert copied.json["error"]["id"] == "idp-sso-session-idle-or-ended", copied.out
