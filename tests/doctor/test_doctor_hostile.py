"""What comes from outside and was made to do harm: it is judged as far as it can be, and does none."""

from __future__ import annotations

import asyncio
import json
import secrets
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from oddities.odd_server import Odd, OddServer, served
from support.running import Put, Run

from diagnostics import asking, doctor, engine, sending
from diagnostics.diagnosis import Diagnosis
from diagnostics.engine import Context, Probe, ProbeState, gather
from diagnostics.file_faults import Mend
from diagnostics.fingerprint import Change, Changed
from diagnostics.guard import RAISE
from diagnostics.target import Target
from wizard.challenge import MOST, parse_challenges
from wizard.entries import Remote
from wizard.exchange import Headers, Reply
from wizard.pasting import pasted
from wizard.redaction import Redactor
from wizard.secret import MASK, Secret
from wizard.transport import Transport


@pytest.fixture
def server() -> Iterator[OddServer]:
    with served(Odd()) as running:
        yield running


@pytest.fixture
def saved(run: Run, put: Put, server: OddServer, home: Path) -> dict[str, Any]:
    """A case of a refused token, to be spoiled."""
    run("doctor", server.mcp, "--credential", put(server.issue(aud="https://else.test")), "--save", "c.json")
    found: dict[str, Any] = json.loads(Path("c.json").read_text())
    return found


def _replayed(run: Run, case: dict[str, Any]) -> Any:
    Path("bad.json").write_text(json.dumps(case))
    return run("doctor", "--replay", "bad.json", "--json")


def test_a_rule_that_raises_is_not_examined(
    run: Run, saved: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    saved["facts"]["Differential"]["real"]["location"] = "http://["
    assert _replayed(run, saved).json["error"]["id"] == "internal", "here it is seen"
    monkeypatch.delenv(RAISE)
    found = _replayed(run, saved)
    assert found.code == 1
    assert found.causes == ["audience-not-bound-to-resource"]
    missed = {n["cause"]: n["needs"] for n in found.json["not_examined"]}
    assert "what was found could not be judged (ValueError)" in missed.values()


@dataclass(frozen=True, slots=True)
class _Spoiled:
    def seen(self) -> str:
        raise ValueError("of hostile words")


async def _spoiled() -> _Spoiled:
    return _Spoiled()


def test_a_fact_that_cannot_be_shown_is_a_fact_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(RAISE)
    heard: list[ProbeState] = []

    async def gathered() -> engine.Facts:
        async with Transport() as transport:
            context = Context(Target("x", Remote("https://a.test")), transport)
            return await gather(context, [Probe("p", "P", _Spoiled, _spoiled)], heard.append)

    facts = asyncio.run(gathered())
    assert facts.get(_Spoiled) is not None
    assert (heard[-1].state, heard[-1].seen) == ("done", "it cannot be shown")


_HARM = "$(touch harm);touch harm`touch harm`\n touch harm"


def test_no_line_to_paste_runs_what_a_case_says(
    run: Run, saved: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    harmless = _replayed(run, saved).json["reproduce"]
    assert shlex.split(harmless.partition("| ")[2])[-3].startswith("http://127.0.0.1:")
    for place, name, value in (
        ("Request", "url", f"-o{_HARM}"),
        ("Request", "method", "%s"),
        ("Request", "headers", {f"a\n{_HARM}": "b"}),
        ("Situation", "header_names", [f"X\n{_HARM}"]),
    ):
        spoiled = json.loads(json.dumps(saved))
        spoiled["facts"][place][name] = value
        assert _replayed(run, spoiled).json["reproduce"] is None, name
    saved["facts"]["Request"]["body"] = saved["facts"]["Request"]["headers"]["X"] = _HARM
    line = _replayed(run, saved).json["reproduce"]
    script = f"curl() {{ :; }}\n{line}"
    subprocess.run(["bash", "-c", script], input="x\n", text=True, check=True)  # what a person does
    assert not Path("harm").exists()


def test_a_word_that_is_pasted_is_one_word() -> None:
    assert shlex.split(Mend("/a b/$(touch harm)", 0o644, 0o600).says()) == [
        "chmod",
        "600",
        "/a b/$(touch harm)",
    ]
    assert shlex.split(pasted("a=b c;d")) == ["a=b c;d"]
    assert pasted("http://a.test/mcp") == "http://a.test/mcp"


def test_no_fix_runs_the_name_of_a_program(run: Run, home: Path) -> None:
    program = Path("run;touch harm")
    program.write_text("#!/bin/sh\n")
    entry = {"type": "stdio", "command": str(program.absolute()), "args": []}
    Path(".mcp.json").write_text(json.dumps({"mcpServers": {"x": entry}}))
    (found,) = run("doctor", "claude-code:x", "--json").json["findings"]
    assert shlex.split(found["fix"][0]) == ["chmod", "u+x", str(program.absolute())]


@pytest.mark.parametrize("secret", ["sesame", "p@ss w0rd:/?#%", "a-long-one-0123456789"])
def test_what_a_refusal_quotes_of_the_credential_stands_in_no_fact(secret: str) -> None:
    quoted = secret.replace('"', "")
    lines = (
        (
            "WWW-Authenticate",
            f'Bearer realm="{quoted}", error_description="got {quoted}", scope="a {quoted}"',
        ),
        ("Server", secret),
        ("Via", secret),
        ("X-Powered-By", secret),
        ("Retry-After", secret),
        ("X-RateLimit-Limit", secret),
        ("Set-Cookie", f"{secret}=1; Path=/{secret}"),
        ("Location", f"https://b.test/?{quote(secret)}=1"),
    )
    transport = Transport()
    transport.know(Secret(secret))
    reply = Reply(302, Headers(lines), b"", "https://a.test/", 1)
    assert secret not in repr(asking.read(reply, "", transport))


def test_a_challenge_without_end_is_read_in_its_beginning() -> None:
    line = f'Bearer error="invalid_token", error_description="{"expected: " * 25_000}"'
    (found,) = parse_challenges((line, 'Bearer realm="x"'))
    assert found.get("error") == "invalid_token"
    assert len(found.get("error_description")) < MOST


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        (
            "Set-Cookie",
            "kept-secret-0123456789=1; Path=/kept-secret-0123456789",
            f"{MASK}={MASK}; Path=/{MASK}",
        ),
        ("Set-Cookie", "of-no-name; Secure", f"{MASK}; Secure"),
        ("Cookie", "of-no-name; sid=1", f"{MASK}; sid={MASK}"),
    ],
)
def test_a_cookie_shows_its_name_unless_that_is_the_secret(name: str, value: str, shown: str) -> None:
    redactor = Redactor()
    redactor.know(Secret("kept-secret-0123456789"))
    assert redactor.header(name, value) == shown


def test_a_value_that_is_quoted_backwards_is_hidden() -> None:
    redactor = Redactor()
    redactor.know(Secret("kept-secret-0123456789"))
    assert redactor.text(f"got {'kept-secret-0123456789'[::-1]} there") == f"got {MASK} there"


def test_words_from_outside_are_no_link_and_no_end_of_a_block(run: Run, saved: dict[str, Any]) -> None:
    saved["label"] = "see ![x](https://b.test/pixel) and ```"
    Path("bad.json").write_text(json.dumps(saved))
    told = run("doctor", "--replay", "bad.json", "--markdown").out.splitlines()[0]
    assert "](" not in told
    assert "```" not in told


def test_words_without_end_in_a_case_are_judged_in_their_beginning(run: Run, saved: dict[str, Any]) -> None:
    """Were they not, this test would not end."""
    for word in ("use", "invalid_", "expected: x "):
        for answer in ("none", "false", "real"):
            saved["facts"]["Differential"][answer] |= {"says": word * 500_000, "page": word * 500_000}
        assert _replayed(run, saved).code == 1


def test_what_is_remembered_of_a_target_quotes_no_secret(home: Path) -> None:
    secret = Secret(secrets.token_urlsafe(20))
    headers = {"Authorization": secret.map("Bearer ")}
    target = Target("x", Remote("https://a.test", headers), credential=secret)
    seen = {"offered scopes": (f"read-{secret.reveal()}",)}
    worked = Changed(0.0, (Change("offered scopes", ("a",), seen["offered scopes"]),))
    found = Diagnosis("x", "healthy", (), (), (), (), (), 0.0, seen=seen, changed=worked)
    told = doctor._without_secrets(found, sending.hider(target), sending.own_hider(target))
    outcome = told.outcome(1.0)
    assert outcome is not None
    assert secret.reveal() not in f"{outcome!r} {told.as_json()!r}"
    assert "read-" in repr(outcome)
