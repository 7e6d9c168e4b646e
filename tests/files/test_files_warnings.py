"""The do/don't list of the FAOS document as warnings on what works: they change neither verdict nor exit code."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any, cast

import pytest
from files_support import write
from support import keeping
from support.running import Run

from diagnostics import targets
from diagnostics.causes.book import REGISTRY
from diagnostics.engine import Context
from diagnostics.expiry import when
from diagnostics.probes import sharing
from sandbox import practice
from sandbox.fleet import FleetSite
from sandbox.practice import Practice
from wizard.connections import Connection
from wizard.secret import Secret

pytestmark = pytest.mark.row("F8")


@pytest.fixture
def keep(monkeypatch: pytest.MonkeyPatch, services: Practice):  # type: ignore[no-untyped-def]  # a function of many forms
    """Save a connection whose secret is in a variable."""

    def go(name: str, service: str, secret: Secret, **more: object) -> Connection:
        variable = f"T_{name.upper()}"
        monkeypatch.setenv(variable, secret.reveal())
        method = {"faos": "api_token", "fleet": "bearer", "mcp": "bearer"}[service]
        place = {"url": services.services[service].url, **more}
        return keeping.keep(name, service, method, f"env:{variable}", **place)

    return go


def healthy(run: Run, *warnings: str) -> str:
    """The connection works, and these warnings are given; taken away, a rule warns no more."""
    done = run("doctor", "mine", "--json")
    assert (done.code, done.json["verdict"], done.causes) == (0, "healthy", []), done.out
    assert done.warnings == list(warnings), done.out
    assert all(w["evidence"] and w["fix"] and w["sources"] for w in done.json["warnings"])
    return done.out


def test_scopes_wider_than_the_tools_need(
    run: Run, services: Practice, keep, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]  # as above
    token = services.services["faos"].credentials["token_analyst"]
    keep("mine", "faos", token, tools=("faos_get_context",), scopes=("context:read",))
    said = healthy(run, "scopes-wider-than-needed")
    assert "`agents:invoke`, `metrics:read`, `graph:read`" in said
    assert "`context:read`" in said
    with monkeypatch.context() as without:
        without.delitem(REGISTRY, "scopes-wider-than-needed")
        healthy(run)
    narrow = services.services["faos"].credentials["token_narrow"]
    keep("mine", "faos", narrow, tools=("faos_get_context",), scopes=("context:read",))
    healthy(run)


@pytest.mark.parametrize(
    ("days", "warnings"),
    [(0.5, ["token-expires-soon"]), (6.9, ["token-expires-soon"]), (8, [])],
)
def test_a_jwt_that_ends_soon_or_never(
    run: Run,
    services: Practice,
    keep,
    days: float,
    warnings: list[str],
    monkeypatch: pytest.MonkeyPatch,  # type: ignore[no-untyped-def]  # as above
) -> None:
    until = int(time.time() + days * 86400)
    keep("mine", "mcp", services.issue_jwt(exp=until))
    healthy(run, *warnings)
    for id in warnings:
        monkeypatch.delitem(REGISTRY, id)
        healthy(run)


def endless(services: Practice) -> Secret:
    """A JWT without an end, which the practice Fleet server takes for its token."""
    fleet = services._sites["fleet"]
    assert isinstance(fleet, FleetSite)
    fleet._token = services.issue_jwt(exp=None)
    fleet._write(fleet._token)
    return fleet._token


def test_a_jwt_without_an_end(run: Run, services: Practice, keep, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]  # as above
    keep("mine", "fleet", endless(services))
    healthy(run, "token-without-expiry")
    monkeypatch.delitem(REGISTRY, "token-without-expiry")
    healthy(run)


def test_a_credential_that_nobody_keeps_is_not_warned_of(
    run: Run, services: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("T", services.issue_jwt().reveal())
    done = run("doctor", services.services["mcp"].url, "--credential", "env:T", "--json")
    assert (done.code, done.warnings) == (0, [])


def test_an_opaque_token_whose_service_tells_its_end(
    run: Run,
    services: Practice,
    keep,
    monkeypatch: pytest.MonkeyPatch,  # type: ignore[no-untyped-def]  # as above
) -> None:
    from datetime import timedelta

    from sandbox import faos

    keep("mine", "faos", services.services["faos"].credentials["token"])
    healthy(run)
    monkeypatch.setattr(faos, "_LIFETIME", timedelta(days=2))
    with practice.start() as shorter:
        site = shorter.services["faos"]
        keep("mine", "faos", site.credentials["token"], url=site.url)
        assert "by the service's answer" in healthy(run, "token-expires-soon")


@pytest.mark.parametrize(
    ("other", "shared"),
    [
        ({"url": "http://127.0.0.1:9/"}, True),
        ({"settings": {"tenant_id": "tenant-staging"}}, True),
        ({}, False),
    ],
)
def test_one_token_in_two_environments(
    run: Run,
    services: Practice,
    keep,
    other: dict[str, object],
    shared: bool,
    monkeypatch: pytest.MonkeyPatch,  # type: ignore[no-untyped-def]  # as above
) -> None:
    token = services.services["faos"].credentials["token"]
    keep("mine", "faos", token, settings={"tenant_id": "tenant-prod"})
    keep("other", "faos", token, **{"settings": {"tenant_id": "tenant-prod"}, **other})
    said = healthy(run, *(["credential-shared"] if shared else []))
    assert token.reveal() not in said
    if shared:
        assert "other keeps the same secret" in said
        monkeypatch.delitem(REGISTRY, "credential-shared")
        healthy(run)


def test_how_many_keep_the_same_is_said(services: Practice, keep, token: Secret) -> None:  # type: ignore[no-untyped-def]  # as above
    held = services.services["faos"].credentials["token"]
    said = []
    for name, kept in (("mine", held), ("other", token), ("second", held), ("third", held)):
        keep(name, "faos", kept)
        context = Context(targets.resolve("mine"), cast("Any", None))
        said.append(cast("Any", asyncio.run(sharing.PROBE.run(context))).seen())
    assert said == [
        "there is no other",
        "1 other keeps another",
        "1 other keeps the same",
        "2 others keep the same",
    ]


def test_another_token_in_another_environment_is_right(
    run: Run, services: Practice, keep, token: Secret
) -> None:  # type: ignore[no-untyped-def]  # as above
    keep("mine", "faos", services.services["faos"].credentials["token"])
    keep("other", "faos", token, url="http://127.0.0.1:9/")
    healthy(run)


def test_no_command_is_run_for_a_warning(run: Run, services: Practice, keep, home: Path) -> None:  # type: ignore[no-untyped-def]  # as above
    keep("mine", "faos", services.services["faos"].credentials["token"])
    mark = home / "was-run"
    keeping.keep("other", "faos", "api_token", f"cmd:touch {mark}", url="http://127.0.0.1:9/")
    healthy(run)
    assert not mark.exists()


def test_a_clients_file_that_holds_the_token(run: Run, services: Practice, home: Path) -> None:
    server = {
        "type": "http",
        "url": services.services["fleet"].url,
        "headers": {"Authorization": f"Bearer {endless(services).reveal()}"},
    }
    config = write(home / "project/.mcp.json", json.dumps({"mcpServers": {"mine": server}}), 0o644, 0o755)
    done = run("doctor", "claude-code:mine", "--json")
    assert (done.code, done.json["verdict"]) == (0, "healthy"), done.out
    assert done.warnings == ["token-file-too-permissive", "token-without-expiry"], done.out
    assert str(config) in json.dumps(done.json["warnings"][0])
    config.chmod(0o600)
    assert run("doctor", "claude-code:mine", "--json").warnings == ["token-without-expiry"]


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("2021-10-07 19:07:53 UTC", 1633633673.0),
        ("2021-10-07 19:07:53 +0000", 1633633673.0),
        ("2021-10-07T19:07:53Z", 1633633673.0),
        (1633633673, 1633633673.0),
        ("soon", None),
        (True, None),
        ([], None),
        ("9999999-01-01", None),
        (None, None),
    ],
)
def test_the_forms_of_an_end(said: object, seconds: float | None) -> None:
    assert when(said) == seconds
