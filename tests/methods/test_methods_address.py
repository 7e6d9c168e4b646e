"""A key in the address: what each client's file says, that it is read back and works, and that it shows nowhere."""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servers.recorder import recording
from support.examples import examples
from support.keeping import found_in
from support.running import Put, Run

from diagnostics import targets
from diagnostics.sending import credential_of, live
from wizard.clients import addresses
from wizard.entries import Remote, RemotePlan, Slot, realise
from wizard.secret import Secret

pytestmark = pytest.mark.slow

KEY = secrets.token_urlsafe(20)
ODD = f"{secrets.token_urlsafe(20)}&a=b +#%"
PLACES = {"claude-code": ".mcp.json", "vscode": ".vscode/mcp.json", "cursor": ".cursor/mcp.json"}
WRITTEN = {
    ("claude-code", "env"): "key=${MINE_KEY}",
    ("vscode", "env"): "key=${env:MINE_KEY}",
    ("vscode", "prompt"): "key=${input:mine-query-key}",
    ("cursor", "env"): "key=${env:MINE_KEY}",
}


@pytest.mark.row("A2")
@pytest.mark.parametrize(("client", "how"), WRITTEN)
def test_written_as_a_reference_and_read_back(
    client: str, how: str, run: Run, put: Put, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with recording(lambda a: a.query == {"v": "2", "key": KEY}, path="/mcp") as api:
        words = ["--url", f"{api.url}?v=2", "--secret", f"query.key={put(KEY)}", "--name", "mine"]
        words += ["--store", "file", "--client", client, "--project", "--secrets", how, "--yes", "--json"]
        done = run("setup", "mcp", *words)
        assert done.code == 0, done.out
        assert done.json["exports"][0]["proof"]["read_back"] is True
        assert done.json["exports"][0]["proof"]["answered"] is True
        entry = json.loads(Path(PLACES[client]).read_text())
        url = next(iter(entry.get("mcpServers", entry.get("servers")).values()))["url"]
        assert url == f"{api.url}?v=2&{WRITTEN[client, how]}"
        assert found_in([KEY], home, done.out, done.err, but=("/secrets/mine/",)) == []
        if how == "env":
            # the entry as its client will use it, and the same where the variable holds another key
            monkeypatch.setenv("MINE_KEY", KEY)
            good = run("test", f"{client}:mine", "--json")
            assert good.code == 0, good.out
            monkeypatch.setenv("MINE_KEY", secrets.token_urlsafe(20))
            bad = run("doctor", f"{client}:mine", "--json")
            assert bad.json["findings"][0]["cause"] == "token-not-recognised", bad.out
            assert KEY not in good.out + bad.out


@pytest.mark.row("A2")
@pytest.mark.parametrize("client", ["claude-code", "vscode", "cursor"])
def test_what_an_address_cannot_hold_is_written_in_full_or_not_at_all(
    client: str, run: Run, put: Put, home: Path
) -> None:
    with recording(lambda a: a.query == {"key": ODD}, path="/mcp") as api:
        words = ["--url", api.url, "--secret", f"query.key={put(ODD)}", "--name", "mine", "--store", "file"]
        words += ["--client", client, "--project", "--yes", "--json"]
        refused = run("setup", "mcp", *words)
        assert (refused.code, refused.json["error"]["id"]) == (2, "secret-needs-another-way"), refused.out
        assert not Path(PLACES[client]).exists()
        done = run("setup", "mcp", *words, "--secrets", "inline")
        assert done.code == 0, done.out
        assert quote(ODD, safe="") in Path(PLACES[client]).read_text()
        assert ODD not in refused.out + done.out
        assert quote(ODD, safe="") not in done.out


def test_a_helper_gives_headers_and_no_address(run: Run, put: Put) -> None:
    with recording(lambda a: a.query == {"key": KEY}, path="/mcp") as api:
        words = ["--url", api.url, "--secret", f"query.key={put(KEY)}", "--name", "mine", "--yes", "--json"]
        done = run("setup", "mcp", *words, "--client", "claude-code", "--project", "--secrets", "helper")
        words[-2:] = ["--yes", "--json", "--client", "claude-desktop", "--path", "desktop.json"]
        other = run("setup", "mcp", *words)
    assert (done.code, done.json["error"]["id"]) == (2, "way-not-possible")
    assert "whose key stands in its address" in done.json["error"]["title"]
    # it starts programs only, and a key in the address would stand in their arguments
    assert (other.code, other.json["error"]["id"]) == (2, "client-cannot")
    assert "whose key stands in its address" in other.json["error"]["title"]
    assert "It can do: env, inline." in done.json["error"]["detail"]


@pytest.mark.row("A2")
@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
@pytest.mark.parametrize("key", [KEY, ODD], ids=["plain", "odd"])
@pytest.mark.parametrize("service", ["http", "mcp"])
def test_curl_percent_encodes_it(
    service: str, key: str, run: Run, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "/mcp" if service == "mcp" else "/v1/me"
    with recording(lambda a: a.query == {"key": key}, path=path) as api:
        given_ = ["--url", api.url, "--secret", f"query.key={put(key)}", "--name", "mine", "--store", "file"]
        assert run("setup", service, *given_, "--yes", "--json").code == 0
        run("export", "mine", "--client", "curl", "--path", "ask.sh", "--secrets", "env", "--yes", "--json")
        monkeypatch.setenv("MINE_KEY", key)
        api.arrived.clear()
        done = subprocess.run(["sh", "ask.sh"], capture_output=True, text=True, timeout=30, check=False)
        assert "200 OK" in done.stdout, done.stderr
        assert [a.method for a in api.let_in()] == ["POST" if service == "mcp" else "GET"]


@pytest.mark.row("A2")
def test_a_key_typed_within_the_address_is_hidden_and_takes_part_in_the_differential(run: Run) -> None:
    with recording(lambda a: a.query == {"api_key": KEY, "v": "2"}) as api:
        done = run("doctor", f"{api.url}?api_key={KEY}&v=2", "--json")
        assert (done.code, done.json["verdict"]) == (0, "healthy"), done.out
        keys = [a.query.get("api_key", "") for a in api.arrived if a.path == "/v1/me"]
        assert "" in keys, "once without"
        assert [key for key in keys if key not in ("", KEY)], "once with a false one"
        wrong = run("doctor", f"{api.url}?api_key={secrets.token_urlsafe(20)}&v=2", "--json")
        assert wrong.json["findings"][0]["cause"] == "token-not-recognised"
    assert KEY not in done.out + done.err


def test_of_an_address_only_what_may_be_secret_is_taken_out() -> None:
    target = targets.from_url(f"https://api.example.com/v1?v=2&api_key={KEY}")
    assert target.url == "https://api.example.com/v1?v=2"
    assert credential_of(target, live(target)).query == {"api_key": Secret(KEY)}


@settings(max_examples=examples(40))
@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=12), st.booleans())
def test_what_is_written_in_full_is_read_back(value: str, name: str, more: bool) -> None:
    value, name = (t.encode("utf-8", "replace").decode() for t in (value, name))
    url = f"https://api.example.com/v1{'?v=2' if more else ''}"
    plan = RemotePlan("mine", url, query={name: (Slot("query.key", "K"),), "tenant": ("a b&c",)})
    held = {"query.key": Secret(value)}
    written = addresses.written(plan, lambda slot: held[slot.field])
    read, query = addresses.read(written, lambda _, text: text)
    assert addresses.same(Remote(read, query=query), realise(plan, held))
