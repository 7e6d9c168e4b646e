"""`authwizard sandbox --fault CAUSE`: each cause by command, and the doctor names it first."""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest

from commands.main import main
from diagnostics.causes.book import REGISTRY, get
from sandbox import practice
from sandbox.faults import FAULTS
from wizard import catalogue, connections
from wizard.connections import Connection
from wizard.services import Method, Service

pytestmark = pytest.mark.slow

BEHIND = {"egress-token-refused": "atlassian", "tool-name-mismatch": "currenttime"}
"""The server behind the gateway at which a fault shows."""

MORE = {"tool-name-mismatch": ("--tool", "current_time_by_timezone")}
"""What has to be said so that a fault can show."""


GIVEN = ("wrong-realm", "id-token-used-as-access-token")
"""Faults of the token itself that is handed out."""


@cache
def _load() -> None:
    """Start it once here, so that what it imports is there for every child."""
    practice.start().stop()


@contextmanager
def sandbox(*words: str) -> Iterator[dict[str, Any]]:
    """The command in a child of this process; what it said when it was ready. Ended by SIGTERM with 0."""
    _load()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        code = 70
        try:
            os.close(read)
            sys.stdout = os.fdopen(write, "w")
            code = main(["sandbox", *words, "--json"])
        except BaseException:  # noqa: BLE001  whatever happens, the child of a test must not go on as the test
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(write)
    with os.fdopen(read) as answer:
        try:
            yield json.loads(answer.readline())
        finally:
            os.kill(child, signal.SIGTERM)
            _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def method_for(service: Service, cause: str, given: Mapping[str, str]) -> Method:
    """The first method of the practice whose secrets were handed out; the file's own where the file is at fault."""
    environment = service.environment("practice")
    at_fault = REGISTRY[cause].layer == "file-permission" and cause != "token-file-regenerated-on-restart"
    kinds = {"token_file"} if at_fault or cause in GIVEN else None
    for method in service.methods_at(environment):
        needed = [f.id for f in method.fields if f.secret and f.required]
        if method.unavailable or (kinds and method.kind not in kinds) or method.kind == "none":
            continue
        if kinds or (needed and all(f in given for f in needed) and (method.kind != "token_file")):
            return method
    raise AssertionError(f"no method of {service.id} fits")


def saved(said: dict[str, Any], name: str, cause: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to the practice service, as the wizard would save it."""
    service = catalogue.load().get(name)
    environment = service.environment("practice")
    assert environment is not None
    place = said["services"][name]
    given: Mapping[str, str] = place["credentials"]
    method = method_for(service, cause, given)
    fields = service.all_fields(method)
    secrets = {}
    for field in (f for f in fields if f.secret and (f.id in given or f.required)):
        variable = f"T_{field.id}".upper().replace(".", "_")
        monkeypatch.setenv(variable, given.get(field.id, ""))
        by_file = method.kind == "token_file" and field.id == "token"
        secrets[field.id] = f"file:{place['token_file']}" if by_file else f"env:{variable}"
    settings = {f.id: (given.get(f.id) if f.required else "") or f.default for f in fields if not f.secret}
    settings |= environment.settings_at(place["url"])
    if "server" in settings:
        settings["server"] = BEHIND.get(cause, settings["server"])
    connections.save(
        Connection(
            "mine", name, "practice", place["url"], method.id, {k: v for k, v in settings.items() if v}, secrets,
            created="2025-11-11T10:30:00Z",
        )
    )  # fmt: skip


def doctor(capfd: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    capfd.readouterr()
    main(["doctor", "mine", *more, "--json"])
    found = json.loads(capfd.readouterr().out)
    assert isinstance(found, dict)
    return found


@pytest.mark.row("L4")
@pytest.mark.parametrize("cause", FAULTS)
def test_the_doctor_names_the_fault_first(
    home: object, cause: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with sandbox("--fault", cause) as said:
        assert said["fault"] == {"cause": cause, "services": list(FAULTS[cause].services)}
        shows = FAULTS[cause].services
        # of a server that no document speaks of nobody can say that it ought to ask for a credential
        saved(said, "fleet" if "fleet" in shows else shows[-1], cause, monkeypatch)
        found = doctor(capfd, *MORE.get(cause, ()))
    named = found["warnings"] if get(cause).advice else found["findings"]
    assert [f["cause"] for f in named][:1] == [cause], json.dumps(found["findings"])
    assert found["verdict"] == ("healthy" if get(cause).advice else "broken")


def test_without_a_fault_nothing_is_said_of_one(
    home: object, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with sandbox() as said:
        assert "fault" not in said
        saved(said, "fleet", "token-file-missing", monkeypatch)
        assert doctor(capfd)["findings"] == []


@pytest.mark.parametrize("cause", ["list", "", "gremlins", "token-file-missing\n", "x" * 5000])
def test_an_unknown_fault_is_a_sentence_with_those_there_are(
    home: object, cause: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["sandbox", "--fault", cause, "--json"]) == 2
    error = json.loads(capfd.readouterr().out)["error"]
    assert error["id"] == "unknown-fault"
    assert all(known in error["fix"][0] for known in FAULTS)
