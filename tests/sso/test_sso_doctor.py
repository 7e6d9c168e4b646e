"""The doctor on a login that a program keeps: ended, refused, cut off, of another domain, held by one that is gone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import login_browser
from support.running import Run

from diagnostics import causes
from sandbox.practice import Practice
from wizard import connections
from wizard.caches import servers
from wizard.connections import Connection

LAYER = "cache"


@pytest.fixture
def logged_in(services: Practice, run: Run, monkeypatch: pytest.MonkeyPatch) -> Practice:
    """A connection ``faos`` whose program has logged in."""
    given = services.services["faos"].credentials
    monkeypatch.setenv("BROWSER", f"{sys.executable} {login_browser.__file__}")
    monkeypatch.setenv("LOGIN_USERNAME", given["sso_username"].reveal())
    monkeypatch.setenv("LOGIN_PASSWORD", given["sso_password"].reveal())
    domain = given["sso_domain"].reveal()
    settings = {"sso_domain": domain}
    connections.save(Connection("faos", "faos", "practice", "", "sso", settings))
    assert run("test", "faos", "--json").json["ok"]
    return services


def changed(home: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the one login in the file."""
    path = home / ".faos" / "auth_cache.json"
    content = json.loads(path.read_text())
    for entry in content["logins"].values():
        change(entry)
    path.write_text(json.dumps(content))


def ended(entry: dict[str, Any]) -> None:
    entry["expires_at"] = int(time.time()) - 7200
    del entry["refresh_token"]


def in_milliseconds(entry: dict[str, Any]) -> None:
    entry["expires_at"] *= 1000


def of_another(entry: dict[str, Any]) -> None:
    entry["domain"] = "other.example"


def cut(home: Path) -> None:
    path = home / ".faos" / "auth_cache.json"
    path.write_bytes(path.read_bytes()[:200])


FAULTS = (
    (lambda home: changed(home, ended), "stale-auth-cache-revoked-tokens", "findings", "ended 2 h ago"),
    (cut, "credential-store-corrupt-or-truncated", "findings", "is cut off"),
    (
        lambda home: changed(home, in_milliseconds),
        "cached-expiry-corrupt-or-wrong-unit",
        "findings",
        "no time",
    ),
    (
        lambda home: changed(home, of_another),
        "cache-key-version-or-url-mismatch",
        "warnings",
        "a login of other.example, and none of company-",
    ),
)


@pytest.mark.slow
@pytest.mark.row("F9")
def test_each_fault_of_the_cache_is_named(
    logged_in: Practice, run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = home / ".faos" / "auth_cache.json"
    good = path.read_bytes()
    healthy = run("doctor", "faos", "--json").json
    assert healthy["verdict"] == "healthy"
    for fault, cause, place, says in FAULTS:
        assert cause in healthy["ruled_out"], "silent on the healthy twin"
        path.write_bytes(good)
        fault(home)
        sick = run("doctor", "faos", "--json").json
        assert [f["cause"] for f in sick[place]][:1] == [cause], sick
        assert says in sick[place][0]["title"], sick[place][0]["title"]
        nobody = "not-logged-in" in json.dumps(sick["findings"])
        assert nobody is (place == "warnings" and "none of" in says), "a login of another domain is none"
        assert sick["verdict"] == ("broken" if nobody or place == "findings" else "healthy")
        assert "faosx_" not in json.dumps(sick)
        with monkeypatch.context() as patch:
            patch.delitem(causes.REGISTRY, cause)
            assert cause not in json.dumps(run("doctor", "faos", "--json").json)


@pytest.mark.row("F9")
def test_without_a_login_it_is_broken(services: Practice, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    domain = services.services["faos"].credentials["sso_domain"].reveal()
    connections.save(Connection("faos", "faos", "practice", "", "sso", {"sso_domain": domain}))
    done = run("doctor", "faos", "--json")
    assert (done.code, done.json["verdict"], done.causes) == (1, "broken", ["not-logged-in"]), done.out
    assert "authwizard login faos" in done.json["findings"][0]["fix"][0]
    monkeypatch.delitem(causes.REGISTRY, "not-logged-in")
    assert run("doctor", "faos", "--json").json["verdict"] == "healthy"


@pytest.mark.slow
@pytest.mark.row("F9")
def test_a_login_that_was_ended_at_the_service_is_the_tests_finding(logged_in: Practice, run: Run) -> None:
    logged_in.end_logins()
    done = run("test", "faos", "--json")
    assert done.code == 1
    assert done.json["finding"]["cause"] == "stale-auth-cache-revoked-tokens"
    fix = " ".join(done.json["finding"]["fix"])
    assert "faos-mcp auth clear" in fix
    assert "cookies" in fix
    id = run("stores", "--json").json["stores"][0]["id"]
    assert id in fix
    assert run("stores", "--remove", id).code == 0
    assert run("test", "faos", "--json").json["ok"]


# --- mcp-remote


ADDRESS = "http://127.0.0.1:9/mcp"


@pytest.fixture
def bridged(home: Path) -> Path:
    """An entry that reaches its server by mcp-remote and lets that log in; the folder of its logins."""
    entry = {"command": "npx", "args": ["-y", "mcp-remote@0.15.1", ADDRESS]}
    Path(".mcp.json").write_text(json.dumps({"mcpServers": {"far": entry}}))
    folder = home / ".mcp-auth" / "mcp-remote-v1"
    folder.mkdir(parents=True)
    return folder


def gone() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def of_bridge(run: Run) -> dict[str, str]:
    answer = run("doctor", "claude-code:far", "--json", "--timeout", "10").json
    return {f["cause"]: f["title"] for f in (*answer["findings"], *answer["warnings"])}


@pytest.mark.row("U5")
def test_the_bridges_login_is_judged(bridged: Path, run: Run) -> None:
    key = servers.key(ADDRESS)
    now = int(time.time())
    tokens, lock = bridged / f"{key}_tokens.json", bridged / f"{key}_lock.json"
    good = {"access_token": "x", "refresh_token": "y", "expires_at": (now + 3600) * 1000}
    tokens.write_text(json.dumps(good))
    cached = {c.id for c in causes.every() if c.layer == LAYER}
    assert not cached & of_bridge(run).keys()
    tokens.write_text(json.dumps({"access_token": "x", "expires_at": (now - 3600) * 1000}))
    assert "stale-auth-cache-revoked-tokens" in _offline(run)
    tokens.write_text(json.dumps({**good, "expires_at": now + 3600}))
    assert "cached-expiry-corrupt-or-wrong-unit" in _offline(run)
    tokens.unlink()
    lock.write_text(json.dumps({"pid": gone(), "port": 3334, "timestamp": now * 1000}))
    assert "stale-lock-file" in _offline(run)
    lock.write_text(json.dumps({"pid": os.getpid(), "port": 3334, "timestamp": now * 1000}))
    assert not cached & _offline(run)


def _offline(run: Run) -> set[str]:
    """The causes that the facts show, whatever else is wrong with a server that does not answer."""
    import asyncio

    from diagnostics import targets
    from diagnostics.engine import Context, Facts, supply
    from diagnostics.facts.cache import KeptLogins
    from diagnostics.probes import kept_logins
    from wizard.transport import Transport

    async def look() -> KeptLogins:
        async with Transport() as transport:
            fact = await kept_logins.kept_logins(Context(targets.resolve("claude-code:far"), transport))
            assert isinstance(fact, KeptLogins)
            return fact

    facts = Facts({KeptLogins: asyncio.run(look())})
    spoken = set()
    for cause in causes.every():
        arguments = supply(cause.rule, facts)
        if cause.layer == LAYER and isinstance(arguments, dict) and cause.rule(**arguments) is not None:
            spoken.add(cause.id)
    return spoken
