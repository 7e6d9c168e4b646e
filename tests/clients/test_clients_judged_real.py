"""Every variant and way that a client's module declares, judged by the program itself: what arrived is what counts."""

from __future__ import annotations

import json
import os
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.judging import (
    CONNECTION,
    KEY,
    TOKEN,
    VARIANTS,
    Bench,
    Judge,
    Variant,
    child,
    judges,
    noting,
    record,
    stand_in,
)

from wizard import clients, export
from wizard.clients import bridge, choosing
from wizard.clients.model import ENV
from wizard.entries import Remote, RemotePlan, Stdio, StdioPlan, realise, slots
from wizard.secret import Secret


@dataclass(frozen=True)
class Case:
    """What one judge is given."""

    judge: Judge
    variant: Variant
    way: str
    project: bool

    @property
    def id(self) -> str:
        where = "project" if self.project else "own"
        return f"{self.judge.client}-{self.variant.id}-{self.way}-{where}".replace(" ", "_")


def _cases() -> list[object]:
    found = []
    for judge in judges():
        client = clients.get(judge.client)
        for variant in VARIANTS:
            plan = variant.plan("http://127.0.0.1:1/mcp", ("program",))
            ways = choosing.ways_of(client, plan)
            for way in ways if slots(plan) else ways[:1]:
                for project in (False, True) if judge.projects else (False,):
                    case = Case(judge, variant, way, project)
                    needs = [judge.program, *(["mcp-remote"] if _bridged(case) else [])]
                    found.append(pytest.param(case, id=case.id, marks=pytest.mark.real(*needs)))
    return found


def _bridged(case: Case) -> bool:
    """Whether the entry goes by mcp-remote."""
    plan = case.variant.plan("http://127.0.0.1:1/mcp", ("program",))
    return isinstance(plan, RemotePlan) and isinstance(
        choosing.form(clients.get(case.judge.client), plan, case.way), StdioPlan
    )


@pytest.fixture(autouse=True)
def _npx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`npx -y mcp-remote@...` starts the one that is installed: nothing is fetched."""
    place = os.environ.get("AUTHWIZARD_CI_MCP_REMOTE")
    if place is None:
        return
    folder = tmp_path / "npx"
    folder.mkdir()
    script = folder / "npx"
    script.write_text(
        f'#!/bin/sh\nshift 2\nexec "{place}/node_modules/.bin/mcp-remote" "$@"\n', encoding="utf-8"
    )
    script.chmod(0o700)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.row("U5", "G5")
@pytest.mark.parametrize("case", _cases())
def test_the_program_sends_what_was_written(
    case: Case, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"token": Secret(secrets.token_urlsafe(32)), "key": Secret(secrets.token_urlsafe(24))}
    command, log = child(tmp_path)
    with noting() as (url, arrived):
        plan = case.variant.plan(url, command)
        wanted = realise(plan, given)
        env = wanted.env if isinstance(wanted, Stdio) else bridge.variables(wanted)
        script = stand_in(home, wanted.headers if isinstance(wanted, Remote) else {}, env, given)
        monkeypatch.setattr(sys, "argv", [str(script)])
        change = export.prepare(
            plan,
            CONNECTION,
            case.judge.client,
            project=case.project,
            path=home / named if (named := getattr(case.judge, "file", "")) else None,
            how=case.way,
            secrets=given,
        )
        written = export.write(change)
        export.read_back(written)
        names = {TOKEN.field: TOKEN.variable, KEY.field: KEY.variable}
        variables = {names[f]: s.reveal() for f, s in given.items()} if case.way == ENV else {}
        says = case.judge.run(Bench(home, change.path, case.project, variables, arrived, log))
        for secret in given.values():
            says = says.replace(secret.reveal(), "SECRET")
        if isinstance(wanted, Stdio):
            assert log.exists(), says
            seen = json.loads(log.read_text(encoding="utf-8"))
            assert {n: seen.get(n) for n in wanted.env} == {n: v.reveal() for n, v in wanted.env.items()}, (
                says
            )
        else:
            assert arrived, says
            for one in arrived:
                sent = {n: one.headers.get(n.lower()) for n in wanted.headers}
                assert sent == {n: v.reveal() for n, v in wanted.headers.items()}, says
                assert {n: one.query.get(n) for n in wanted.query} == {
                    n: v.reveal() for n, v in wanted.query.items()
                }, says
    _record(case)


def _record(case: Case) -> None:
    """One line for the table in docs/clients.md, where its script asks for it."""
    told = {"variant": case.variant.id, "way": case.way, "bridge": _bridged(case), "project": case.project}
    record(case.judge, **told)
