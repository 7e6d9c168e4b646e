"""How every other screen looks at 80x24 and at 120x40: fixed data, no times, no path of this machine."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from looks import FINDING, NOW, PICTURES, Snap, shown, traces
from screens_keys import settled
from textual.pilot import Pilot

from diagnostics.doctor import Diagnosis, NotExamined, ProbeState
from diagnostics.files import Mend
from screens import files, home, jobs
from screens.app import Authwizard
from screens.connection import ConnectionScreen
from screens.diagnose.details import DetailsScreen
from screens.diagnose.screen import DiagnoseScreen
from screens.diagnose.sheets import of_exchanges
from screens.help import HELP, HelpScreen
from screens.home import Found
from wizard import connections, removal
from wizard.connections import Connection
from wizard.livetest import Evidence, Finding
from wizard.outcomes import Outcome
from wizard.setup.resume import Unfinished
from wizard.transport import Exchange

pytestmark = PICTURES


def test_home_empty(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(Authwizard(), terminal_size=size, run_before=settled)


def test_home(snap_compare: Snap, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, service, environment in (("faos-prod", "faos", "prod"), ("fleet", "fleet", "own")):
        connections.save(Connection(name, service, environment, "https://example.com", "bearer"))
    found = (
        Found("claude-code:jira", "Claude Code", "untested", "Claude Code"),
        Found("vscode:", "VS Code", "broken", "VS Code's file is not valid JSON."),
    )
    monkeypatch.setattr(jobs, "found_in_clients", lambda _: found)
    app = Authwizard()
    app.outcomes["faos-prod"] = Outcome("works", "", "17 tools")
    assert snap_compare(app, terminal_size=size, run_before=settled)


def test_home_unfinished(snap_compare: Snap, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    left = (
        Unfinished("faos", "FAOS", "permissions", "2026-11-19T10:00:00Z"),
        Unfinished("github", "GitHub", "credentials", "2026-11-21T09:00:00Z"),
    )
    monkeypatch.setattr(home, "_unfinished", lambda: left)
    monkeypatch.setattr(home, "time", lambda: NOW)
    connections.save(Connection("faos-prod", "faos", "prod", "https://example.com", "bearer"))
    connections.save(Connection("fleet", "fleet", "own", "https://example.com", "bearer"))
    app = Authwizard()
    app.outcomes["faos-prod"] = Outcome("works", "", "17 tools", NOW - 130)
    app.outcomes["fleet"] = Outcome(
        "broken", "x", "The token file can be read by others on this machine.", NOW - 9e4
    )
    assert snap_compare(app, terminal_size=size, run_before=settled)


def _removal() -> removal.Removal:
    connection = Connection(
        "faos-prod",
        "faos",
        "prod",
        "https://api.faosx.ai",
        "api_token",
        {"tenant_id": "tenant-prod"},
        {"token": "keyring:authwizard/faos-prod/token"},
        ("metrics:read", "graph:read"),
        created="2026-11-19T10:00:00Z",
    )
    goes = (
        removal.Part("entry", "Claude Code: faos-prod", ".mcp.json"),
        removal.Part("secret", "token", "keyring:authwizard/faos-prod/token"),
        removal.Part("outcome", "what its last test came to", "outcomes.json"),
    )
    stays = (
        removal.Part(
            "entry",
            "VS Code: faos-prod",
            ".vscode/mcp.json",
            "it was changed since it was written, so it is yours",
        ),
    )
    return removal.Removal(connection, goes, stays, ())


@pytest.mark.parametrize("keys", ["", "x", "n"], ids=["shown", "remove", "rename"])
def test_connection(
    snap_compare: Snap, size: tuple[int, int], keys: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = _removal()
    connections.save(plan.connection)
    monkeypatch.setattr(removal, "prepare", lambda _: plan)
    monkeypatch.setattr(connections, "get", lambda _: plan.connection)

    async def press(pilot: Pilot[int]) -> None:
        await settled(pilot)
        await pilot.press(*keys)
        await settled(pilot)

    app = shown(lambda: ConnectionScreen("faos-prod"))
    app.outcomes["faos-prod"] = Outcome("works", "", "17 tools", NOW)
    assert snap_compare(app, terminal_size=size, run_before=press)


@pytest.mark.parametrize("wrong", [True, False], ids=["wrong", "right"])
def test_files(
    snap_compare: Snap, size: tuple[int, int], wrong: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding = Finding(
        "token-file-too-permissive",
        "proven",
        "file-permission",
        "you",
        "Others on this machine can read the token file of Fleet.",
        (Evidence("file", "its mode is 0644, and 0600 is what it should be"),),
        ("chmod 600 ~/.fleet-mcp/auth_token",),
    )
    lines = (
        files.FileLine(
            "broken" if wrong else "works", "0644" if wrong else "0600", "~/.fleet-mcp/auth_token", "Fleet"
        ),
        files.FileLine("works", "0600", "~/.faos/auth_cache.json", "FAOS"),
    )
    mends = (Mend("~/.fleet-mcp/auth_token", 0o644, 0o600),) if wrong else ()
    monkeypatch.setattr(
        files, "look_at_files", lambda: files.Seen(lines, (finding,) if wrong else (), (), mends)
    )
    assert snap_compare(shown(files.FilesScreen), terminal_size=size, run_before=settled)


def test_exchanges(snap_compare: Snap, size: tuple[int, int]) -> None:
    exchanges = (
        Exchange(
            1,
            "GET",
            "https://api.faosx.ai/health",
            (),
            200,
            (("content-type", "application/json"),),
            "{}",
            0.02,
        ),
        Exchange(
            2,
            "POST",
            "https://api.faosx.ai/mcp",
            (("authorization", "Bearer ••••••••  48 characters"),),
            403,
            (("www-authenticate", 'Bearer error="insufficient_scope", scope="graph:read"'),),
            '{"error": "insufficient_scope"}',
            0.11,
        ),
        Exchange(3, "GET", "https://gone.example.com/", (), None, error="dns-unresolved"),
    )
    app = shown(lambda: DetailsScreen([of_exchanges(exchanges)]))
    assert snap_compare(app, terminal_size=size, run_before=settled)


def _diagnosis(findings: tuple[Finding, ...], verdict: str) -> Diagnosis:
    return Diagnosis(
        target="faos-prod",
        verdict=verdict,
        findings=findings,
        warnings=(),
        ruled_out=tuple(f"cause-{n}" for n in range(15)),
        not_examined=(NotExamined("audience-not-bound-to-resource", "the credential is no JWT"),),
        exchanges=(),
        seconds=1.8,
    )


PROBES = (
    ProbeState("dns", "resolve the name", "done", "api.faosx.ai is 203.0.113.7"),
    ProbeState(
        "differential", "ask without, with a false and with the real credential", "done", "401, 401, 403"
    ),
    ProbeState("clock", "compare the clocks", "skipped", "no Date header"),
)


@pytest.mark.parametrize("verdict", ["broken", "healthy"])
def test_diagnosis(
    snap_compare: Snap, size: tuple[int, int], verdict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def diagnose(_: object, on_probe: Callable[[ProbeState], None], **_given: object) -> jobs.Looked:
        for probe in PROBES:
            on_probe(probe)
        return jobs.Looked(_diagnosis((FINDING,) if verdict == "broken" else (), verdict))

    monkeypatch.setattr(jobs, "diagnose", diagnose)
    assert snap_compare(shown(lambda: DiagnoseScreen("faos-prod")), terminal_size=size, run_before=settled)


def test_diagnose_asks(snap_compare: Snap, size: tuple[int, int]) -> None:
    connections.save(Connection("faos-prod", "faos", "prod", "https://example.com", "bearer"))
    assert snap_compare(shown(DiagnoseScreen), terminal_size=size, run_before=settled)


def test_help(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(
        shown(lambda: HelpScreen("Home", HELP["home"])), terminal_size=size, run_before=settled
    )


def test_no_machine_path_in_a_picture(size: tuple[int, int]) -> None:
    assert not traces(__file__)
