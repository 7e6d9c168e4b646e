"""The real Codex: what a reading says equals what arrived, what it refuses, and how it logs in by itself."""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from servers.real import free_port
from support.authorizing import authorizing, browser
from support.judges.codex import JUDGE
from support.judging import Bench, child, noting, record

from wizard import export
from wizard.clients.known.codex import CLIENT as CODEX
from wizard.entries import OwnLogin, Remote, RemotePlan, Slot, Stdio, StdioPlan
from wizard.errors import FileProblem
from wizard.secret import Secret

pytestmark = pytest.mark.real("codex")


def _file(home: Path, content: str) -> Path:
    path = home / ".codex" / "config.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def test_what_arrives_is_what_the_reading_says(home: Path) -> None:
    token = secrets.token_urlsafe()
    environ = {"SET": token, "BEARER": "b-1", "EMPTY": "", "BLANK": "  ", "BROKEN": "a\nb"}
    with noting() as (url, arrived):
        path = _file(
            home,
            f"""[mcp_servers.x]
url = "{url}?k=${{SET}}"
bearer_token_env_var = "BEARER"
http_headers_helper = '''echo '{{"X-Helped": "by it", "X-Both": "helper", "Authorization": "no"}}' '''
[mcp_servers.x.http_headers]
"X-Literal" = "${{SET}} $SET ${{env:SET}}"
"X-Broken" = "a\\nb"
"x named" = "1"
X-Named = "literal"
authorization = "literal"
[mcp_servers.x.env_http_headers]
x-named = "SET"
X-Both = "SET"
X-Unset = "GONE"
X-Empty = "EMPTY"
X-Blank = "BLANK"
X-Control = "BROKEN"
Authorization = "SET"
""",
        )
        says = JUDGE.run(Bench(home, path, False, environ, arrived))
        assert arrived, says
        reading = CODEX.read(path, "x", environ)
    assert isinstance(reading.entry, Remote)
    sent = {n.lower(): v.reveal() for n, v in reading.entry.headers.items()}
    helped = {"x-helped": "by it", "x-both": "helper"}
    shown = {n: v for n, v in arrived[0].headers.items() if n.startswith("x-") or n == "authorization"}
    assert shown == {**sent, **helped}
    assert arrived[0].query == {"k": "${SET}"}


@pytest.mark.parametrize("environ", [{}, {"TOK": ""}])
def test_without_its_bearer_token_a_server_is_never_asked(environ: dict[str, str], home: Path) -> None:
    with noting() as (url, arrived):
        path = _file(
            home,
            f'[mcp_servers.x]\nurl = "{url}"\nbearer_token_env_var = "TOK"\n[mcp_servers.y]\nurl = "{url}?y=1"\n',
        )
        bench = Bench(home, path, False, environ, arrived)
        says = JUDGE.run(bench)
        assert arrived and all(one.query == {"y": "1"} for one in arrived), says
    assert "does not ask the server at all" in CODEX.read(path, "x", environ).notes[-1].fact


def test_a_projects_entry_is_mixed_with_the_persons_own(home: Path) -> None:
    with noting() as (url, arrived):
        lines = (f'[mcp_servers.x]\nurl = "{url}"\n', "[mcp_servers.x.http_headers]\n")
        own = _file(home, f'{"".join(lines)}X-Own = "1"\nX-Both = "own"\n')
        place = Path(".codex/config.toml").absolute()
        place.parent.mkdir()
        place.write_text(f'{"".join(lines)}X-Project = "1"\nX-Both = "project"\n', encoding="utf-8")
        trusted = own.read_text(encoding="utf-8")
        trusted += f'[projects."{Path.cwd()}"]\ntrust_level = "trusted"\n'
        own.write_text(trusted, encoding="utf-8")
        says = JUDGE.run(Bench(home, place, False, {}, arrived))
        assert arrived, says
        winner = CODEX.scopes()[0]
        read, _ = winner.client.effective(winner.path, "x", {})
    assert isinstance(read, Remote) and winner.path == place
    shown = {n: v for n, v in arrived[0].headers.items() if n.startswith("x-")}
    assert shown == {n.lower(): v.reveal() for n, v in read.headers.items()}
    assert shown == {"x-own": "1", "x-project": "1", "x-both": "project"}


def test_a_program_gets_what_the_reading_says_and_few_more(home: Path, tmp_path: Path) -> None:
    command, log = child(tmp_path)
    words = f'command = "{command[0]}"\nargs = {json.dumps(list(command[1:]))}'
    path = _file(
        home,
        f'[mcp_servers.x]\n{words}\nenv_vars = ["A", {{ name = "B" }}, "GONE", "OWN"]\nenv = {{ OWN = "${{A}}" }}\n',
    )
    environ = {"A": "a-1", "B": "", "OWN": "not this", "NOT_NAMED": "n", "LANG": "C"}
    says = JUDGE.run(Bench(home, path, False, environ, (), log))
    assert log.exists(), says
    seen = json.loads(log.read_text(encoding="utf-8"))
    entry, _ = CODEX.effective(path, "x", environ)
    assert isinstance(entry, Stdio)
    given = {n: v.reveal() for n, v in entry.env.items()}
    assert given == {"A": "a-1", "B": "", "OWN": "${A}"}
    assert {n: seen.get(n) for n in given} == given
    assert not seen.keys() & {"NOT_NAMED", "GONE", "XDG_CONFIG_HOME"}
    assert seen.keys() - given.keys() <= {*CODEX.handed_on(dict.fromkeys(seen, "")), "LC_CTYPE"}


def test_a_helper_gets_what_is_said_to_be_handed_on(home: Path) -> None:
    environ = {"TOK": "t", "LANG": "C", "TZ": "UTC", "DBUS_SESSION_BUS_ADDRESS": "b", "SSL_CERT_DIR": "/d"}
    code = "import json, os; print(json.dumps({'X-Got': ' '.join(sorted(os.environ))}))"
    with noting() as (url, arrived):
        path = _file(
            home,
            f'[mcp_servers.x]\nurl = "{url}"\nhttp_headers_helper = """{sys.executable} -c "{code}\\""""\n',
        )
        says = JUDGE.run(Bench(home, path, False, environ, arrived))
        assert arrived, says
    got = set(arrived[0].headers["x-got"].split())
    assert {"HOME", "PATH", "LANG", "TZ"} <= got
    assert got <= {*CODEX.handed_on(dict.fromkeys((*got, *environ), "")), "LC_CTYPE", "PWD", "SHLVL", "_"}


@pytest.mark.parametrize(
    "entry",
    [
        'url = "http://127.0.0.1:9/"\nbearer_token = "x"',
        'url = "http://127.0.0.1:9/"\ncommand = "x"',
        'url = "http://127.0.0.1:9/"\nenv = { A = "b" }',
        'url = "http://127.0.0.1:9/"\nhttp_headers = { A = 1 }',
        'command = "x"\nhttp_headers = { A = "1" }',
        'command = "x"\nenv_vars = [3]',
        'args = ["x"]',
    ],
)
def test_what_is_said_to_break_the_file_does(entry: str, home: Path) -> None:
    path = _file(home, f'[mcp_servers.good]\nurl = "http://127.0.0.1:9/"\n[mcp_servers.bad]\n{entry}\n')
    assert "Error" in JUDGE.strict(Bench(home, path, False))
    for name in ("bad", "good"):
        with pytest.raises(FileProblem, match="refuses the whole file for its entry `bad`"):
            CODEX.effective(path, name, {})


@pytest.mark.parametrize("how", ["env", "inline"])
def test_its_own_command_makes_the_entry_that_is_written(how: str, home: Path) -> None:
    slot = Slot("token", "A_TOKEN")
    plans = {
        "env": RemotePlan("made", "http://127.0.0.1:9/mcp", {"Authorization": ("Bearer ", slot)}),
        "inline": StdioPlan("made", ("some-program", "a b", "--flag"), {"A": ("x",), "B": ("c d",)}),
    }
    change = export.prepare(plans[how], "c", "codex", project=False, path=None, how=how, secrets={})
    assert change.job and change.path
    words = CODEX.command_line(change.job, False)
    says = Bench(home, None, False).run([JUDGE.binary(), *words[1:]], timeout=60)
    assert change.path.exists(), says
    made = CODEX.servers(change.path)
    change.path.write_bytes(change.after or b"")
    assert made == CODEX.servers(change.path)


@pytest.mark.parametrize("login", [OwnLogin("given-1", 0, ("read", "write")), OwnLogin()])
def test_the_login_that_it_begins_by_itself_is_the_right_one(login: OwnLogin, home: Path) -> None:
    port = free_port()
    login = OwnLogin(login.client_id, port, login.scopes) if login.client_id else login
    with authorizing() as (url, asked):
        plan = RemotePlan("x", url, {"Authorization": ("Bearer ", Slot("token", "A_TOKEN"))}, login=login)
        given = {"token": Secret(secrets.token_urlsafe())}
        change = export.prepare(plan, "c", "codex", project=False, path=None, how="oauth", secrets=given)
        export.write(change)
        opened, environ = browser(home)
        bench = Bench(home, None, False, environ)
        assert JUDGE.strict(bench) == ""
        says = bench.run([JUDGE.binary(), "mcp", "login", "x"], until=lambda: bool(opened()), timeout=60)
        assert opened(), says
        sent = parse_qs(urlsplit(opened()[0]).query)
    assert sent["client_id"] == [login.client_id or "registered-1"]
    assert (sent["resource"], sent["code_challenge_method"]) == ([url], ["S256"])
    assert sent.get("scope", [""]) == [" ".join(login.scopes)]
    assert any(path == "/register" for path in asked) is not bool(login.client_id)
    if login.client_id:
        assert any(act.endswith(f" {sent['redirect_uri'][0]}") for act in change.next_act)
        assert urlsplit(sent["redirect_uri"][0]).port == port
    else:
        assert sent["redirect_uri"][0].startswith("http://127.0.0.1:")
    record(JUDGE, login="own" if login.client_id else "registered")
