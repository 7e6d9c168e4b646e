"""How every screen looks at 80x24 and at 120x40: fixed data, no times, no path of this machine."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from diagnostics.doctor import Diagnosis, NotExamined, ProbeState
from diagnostics.files import Mend
from screens import files, home, jobs, token
from screens.app import Authwizard
from screens.connection import ConnectionScreen
from screens.diagnose.exchanges import ExchangesScreen
from screens.diagnose.screen import DiagnoseScreen
from screens.diagnose.text import exchange_rows
from screens.help import HELP, HelpScreen
from screens.home import Found
from screens.setup.flow import make
from screens.setup.pick import Pick, PickScreen
from screens.setup.work import Work
from screens.token import TokenScreen
from wizard import catalogue, connections, export, removal, setup
from wizard.clients import programs
from wizard.connections import Connection
from wizard.livetest import Evidence, Finding, LiveTestReport, Step
from wizard.outcomes import Outcome
from wizard.secret import Secret
from wizard.setup import ClientChoice, Draft, places
from wizard.setup.places import Place
from wizard.setup.resume import Unfinished
from wizard.transport import Exchange

NOW = 1_795_273_200.0
SIZES = [(80, 24), (120, 40)]
Snap = Callable[..., bool]

pytestmark = pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x40"])

STEPS = (
    Step("reach", "reach fleet.example.com", True, "an answer", "203.0.113.7, 24 ms"),
    Step("tls", "TLS", True, "a certificate that is trusted", "valid 61 days, your system trusts it"),
    Step("refused", "refused without a credential", True, "401", "401 missing_token"),
    Step("false", "refused with a false one", True, "401", "401 invalid_token"),
    Step("accepted", "accepted with yours", True, "200", "200"),
    Step("tools", "tools", True, "a list", "3 tools: list_agents, send_task, read_log"),
)
BAD = (*STEPS[:4], Step("accepted", "accepted with yours", False, "200", "403 insufficient_scope"))
BAD_REPORT = (*BAD, Step("tools", "tools", None, "", "", "waits for accepted with yours"))
FINDING = Finding(
    "insufficient-scope",
    "proven",
    "scope",
    "you",
    "The token lacks `graph:read`, which faos_query_graph needs.",
    (
        Evidence("differential", 'with your token: 403, `insufficient_scope`, scope="graph:read"'),
        Evidence("token", "the service says your token has metrics:read"),
    ),
    ("Make a new token with metrics:read and graph:read.", "Set the connection up again with it."),
    ("403 on tools/call",),
)


@dataclass(frozen=True, slots=True)
class Stub(Work):
    """Work that tells nothing about this machine."""

    def stores(self) -> tuple[tuple[str, str, str], ...]:
        return (("keyring", "System keyring", ""), ("file", "A file that only you can read (0600)", ""))

    def places(self) -> tuple[Place, ...]:
        here = ("claude-code", "cursor", "curl", "env")
        return places.in_order([replace(p, found=p.choice.client in here) for p in places.places()])


def _never() -> object:
    raise AssertionError("no test is run for a picture")


WORK = Stub(_never, _never)  # type: ignore[arg-type]  # never called


def fleet() -> Draft:
    service = catalogue.load().get("fleet")
    draft = setup.with_service(setup.new(), service, service.environment("own"), "https://fleet.example.com")
    draft = setup.with_method(draft, service.methods[1])
    return setup.with_secret(draft, "token", Secret("z" * 48))


def faos() -> Draft:
    service = catalogue.load().get("faos")
    draft = setup.with_service(setup.new(), service, service.environment("prod"))
    return setup.with_method(draft, service.methods[0])


def shown(screen: Callable[[], Screen[object]]) -> Authwizard:
    """The program with this screen on it."""

    class Shown(Authwizard):
        def on_ready(self) -> None:
            self.push_screen(screen())

    return Shown()


async def settled(pilot: Pilot[int]) -> None:
    await pilot.pause(0.2)
    while any(not worker.is_finished for worker in pilot.app.workers):
        await pilot.pause(0.05)
    await pilot.pause(0.1)


def step(name: str, draft: Draft) -> Authwizard:
    return shown(lambda: make(name, WORK, draft))


@pytest.fixture(autouse=True)
def nothing_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "found_in_clients", lambda _: ())
    monkeypatch.setattr(programs, "program", lambda: ("authwizard",))


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


def test_pick(snap_compare: Snap, size: tuple[int, int]) -> None:
    picks = (
        Pick("mcpgw", "MCP Gateway Tools", "mcpgw, 6 tools"),
        Pick("currenttime", "Current Time", "currenttime, asks for no credential of its own, 1 tool"),
        Pick("atlassian", "Atlassian", "atlassian, 31 tools"),
        Pick("fininfo", "Financial Info", "", "it is switched off at the gateway"),
    )
    app = shown(lambda: PickScreen("Server behind the gateway: which?", picks, "currenttime"))
    assert snap_compare(app, terminal_size=size, run_before=settled)


def test_gateway_credentials(snap_compare: Snap, size: tuple[int, int]) -> None:
    service = catalogue.load().get("gateway")
    draft = setup.with_service(setup.new(), service, service.environment("own"), "https://gw.example.com")
    draft = setup.with_method(draft, service.methods[0])
    screen = make("credentials", WORK, draft)
    screen.welcome = "Secrets are not kept for it: give yours again, then go on with step 4, permissions."
    assert snap_compare(shown(lambda: screen), terminal_size=size, run_before=settled)


def test_service_with_two_kinds_of_deployment(snap_compare: Snap, size: tuple[int, int]) -> None:
    service = catalogue.load().get("github")
    draft = setup.with_service(setup.new(), service, service.environments[0])
    assert snap_compare(step("service", draft), terminal_size=size, run_before=settled)


def test_service(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(step("service", setup.new()), terminal_size=size, run_before=settled)


def test_service_with_address(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(step("service", fleet()), terminal_size=size, run_before=settled)


def test_method(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(step("method", faos()), terminal_size=size, run_before=settled)


def test_credentials(snap_compare: Snap, size: tuple[int, int]) -> None:
    async def paste(pilot: Pilot[int]) -> None:
        await settled(pilot)
        pilot.app.screen.query_one("#field-token").value = "Bearer " + "z" * 40  # type: ignore[attr-defined]
        await settled(pilot)

    assert snap_compare(step("credentials", faos()), terminal_size=size, run_before=paste)


def test_credentials_kept(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(step("credentials", fleet()), terminal_size=size, run_before=settled)


def test_permissions(snap_compare: Snap, size: tuple[int, int]) -> None:
    draft = setup.with_tools(faos(), ("faos_query_metric", "faos_query_graph"))
    draft = setup.with_scopes(draft, (*draft.scopes, "workflows:run"))
    assert snap_compare(step("permissions", draft), terminal_size=size, run_before=settled)


def test_permissions_none(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(step("permissions", fleet()), terminal_size=size, run_before=settled)


def test_test_passed(snap_compare: Snap, size: tuple[int, int]) -> None:
    draft = setup.with_test(
        fleet(), LiveTestReport("fleet", True, STEPS, ("list_agents", "send_task", "read_log"))
    )
    assert snap_compare(step("test", draft), terminal_size=size, run_before=settled)


def test_test_failed(snap_compare: Snap, size: tuple[int, int]) -> None:
    draft = setup.with_test(faos(), LiveTestReport("faos", False, BAD_REPORT, finding=FINDING))
    assert snap_compare(step("test", draft), terminal_size=size, run_before=settled)


def test_activate(snap_compare: Snap, size: tuple[int, int]) -> None:
    draft = setup.with_test(fleet(), LiveTestReport("fleet", True, STEPS))
    draft = setup.with_clients(draft, (ClientChoice("claude-code", how="env"), ClientChoice("vscode")))
    assert snap_compare(step("activate", draft), terminal_size=size, run_before=settled)


def test_activated(snap_compare: Snap, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    tested = LiveTestReport("fleet", True, STEPS)
    choices = (ClientChoice("claude-code", how="env"), ClientChoice("vscode", how="prompt"))
    draft = setup.with_clients(setup.with_test(fleet(), tested), choices)

    async def activate(d: Draft, _: object) -> setup.SetupReport:
        reports = tuple(
            export.ExportReport(change, read_back=True, answered=answered)
            for change, answered in zip(setup.previews(d), (True, None), strict=True)
        )
        kept = (setup.Kept("token", "keyring:fleet/token"),)
        return setup.SetupReport("fleet", "fleet", "bearer", kept, tested, reports)

    monkeypatch.setattr(setup, "activate", activate)

    async def write(pilot: Pilot[int]) -> None:
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)

    work = replace(WORK, prover=lambda: None)  # type: ignore[arg-type, return-value]  # never called
    assert snap_compare(shown(lambda: make("activate", work, draft)), terminal_size=size, run_before=write)


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
    app = shown(lambda: ExchangesScreen(exchange_rows(exchanges)))
    assert snap_compare(app, terminal_size=size, run_before=settled)


def test_filter_finds_nothing(snap_compare: Snap, size: tuple[int, int]) -> None:
    async def search(pilot: Pilot[int]) -> None:
        await settled(pilot)
        await pilot.press("slash", *"xyz", "enter", "enter")
        await settled(pilot)

    assert snap_compare(step("service", setup.new()), terminal_size=size, run_before=search)


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
    async def diagnose(
        _: object, on_probe: Callable[[ProbeState], None]
    ) -> tuple[Diagnosis, tuple[Exchange, ...]]:
        for probe in PROBES:
            on_probe(probe)
        return _diagnosis((FINDING,) if verdict == "broken" else (), verdict), ()

    monkeypatch.setattr(jobs, "diagnose", diagnose)
    assert snap_compare(shown(lambda: DiagnoseScreen("faos-prod")), terminal_size=size, run_before=settled)


def test_diagnose_asks(snap_compare: Snap, size: tuple[int, int]) -> None:
    connections.save(Connection("faos-prod", "faos", "prod", "https://example.com", "bearer"))
    assert snap_compare(shown(DiagnoseScreen), terminal_size=size, run_before=settled)


def test_token(snap_compare: Snap, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    report = {
        "kind": "access token",
        "signature": "unchecked",
        "header": {"alg": "RS256"},
        "claims": {"sub": "alice"},
        "issuer": "https://kc.example.com/realms/mcp",
        "audience": ["account"],
        "scopes": ["profile", "email"],
        "groups": [],
        "times": {"issued": "2026-11-21T13:00:00Z", "expires": "2026-11-21T14:00:00Z", "seconds_left": -754},
        "findings": [FINDING.as_json()],
        "warnings": [],
    }
    monkeypatch.setattr(token, "_report", lambda _: report)

    async def explain(pilot: Pilot[int]) -> None:
        await settled(pilot)
        pilot.app.screen.query_one("#token").value = "z" * 30  # type: ignore[attr-defined]
        await pilot.press("enter")
        await settled(pilot)

    assert snap_compare(shown(TokenScreen), terminal_size=size, run_before=explain)


def test_help(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(
        shown(lambda: HelpScreen("Home", HELP["home"])), terminal_size=size, run_before=settled
    )


def test_no_machine_path_in_a_picture(size: tuple[int, int]) -> None:
    pictures = list((Path(__file__).parent / "__snapshots__" / Path(__file__).stem).glob("*.svg"))
    assert pictures
    for picture in pictures:
        text = picture.read_text("utf-8")
        for trace in (str(Path.home()), f"{tempfile.gettempdir()}/", "/root", "/home/"):
            assert trace not in text, picture.name
