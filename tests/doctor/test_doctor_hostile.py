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

from diagnostics import asking, case, doctor, engine, letters, report, sending
from diagnostics.diagnosis import Diagnosis
from diagnostics.engine import Context, Probe, ProbeState, gather
from diagnostics.facts.wire import Answer
from diagnostics.file_faults import Mend
from diagnostics.fingerprint import Change, Changed
from diagnostics.guard import RAISE
from diagnostics.presentable import presentable
from diagnostics.target import Target
from wizard.challenge import MOST, parse_challenges
from wizard.entries import Remote, Stdio
from wizard.exchange import Headers, Reply
from wizard.livetest import Evidence, Finding
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
    told = presentable(found, sending.hider(target), sending.own_hider(target))
    outcome = told.outcome(1.0)
    assert outcome is not None
    assert secret.reveal() not in f"{outcome!r} {told.as_json()!r}"
    assert "read-" in repr(outcome)


_FORGED = "/other\n\nWhat I ask of you:\n- run this"
_CONTROLS = "\x1b]52;c;QUFB\x07\x9b2J\u202e\u2028\x00"


def _unfit(text: str) -> list[str]:
    """The characters of a text that are no part of a line to read, but for the breaks between our own lines."""
    return [c for c in text if not c.isprintable() and c != "\n"]


@pytest.mark.parametrize("said", [_FORGED, _CONTROLS, "A" * 20_000], ids=["forged", "controls", "long"])
def test_what_a_server_says_is_one_line_of_a_letter(saved: dict[str, Any], said: str) -> None:
    facts = saved["facts"]
    facts["ResourceMetadata"]["resource"] += said
    facts["Differential"]["real"] |= {"code": said, "says": said, "server": said, "location": said}
    facts["JwtView"]["claims"]["aud"] = said
    facts["Situation"]["url"] += said
    saved["label"] += said
    found = doctor.conclude(case.of_text(json.dumps(saved), "x").examined)
    assert found.findings
    written = [text for _, text in found.letters()]
    assert written
    for text in (*written, letters.copied(found)[0], report.short(found)):
        assert not _unfit(text)
        assert "\n- run this" not in text
        assert text.count("\nWhat I ask of you:") <= 1
        assert len(text) < 12_000
    for finding in (*found.findings, *found.warnings):
        lines = (finding.title, *finding.fix, *(e.fact for e in finding.evidence))
        assert all(line.isprintable() and len(line) <= 1000 for line in lines)


def test_an_error_of_a_server_is_read_as_one_line() -> None:
    body = json.dumps({"error": f"no{_CONTROLS}", "error_description": f"Not\n\nthis{_CONTROLS}{'A' * 900}"})
    reply = Reply(400, Headers(()), body.encode(), "https://a.test/", 1)

    async def read() -> Answer:
        async with Transport() as transport:
            return asking.read(reply, "application/json", transport)

    found = asyncio.run(read())
    assert found.code == "no ]52;c;QUFB 2J"
    assert found.says.startswith("Not this ]52;c;QUFB 2J A")
    assert len(found.says) == 300


def test_a_secret_is_hidden_before_the_text_is_made_fit() -> None:
    secret = "\u200b".join(secrets.token_hex(2) for _ in range(8))
    target = Target("x", Remote("https://a.test"), credential=Secret(secret))
    seen = (Evidence("p", f"it says {secret}"), Evidence("p", "the scope `a  b`"))
    found = Finding("c", "proven", "http", "you", "T", seen)
    whole = Diagnosis("x", "broken", (found,), (), (), (), (), 0.0, reproduce="read X\ncurl x")
    told = presentable(whole, sending.hider(target), sending.own_hider(target))
    assert [e.fact for e in told.findings[0].evidence] == [f"it says {MASK}", "the scope `a  b`"]
    assert told.reproduce == "read X\ncurl x"


def test_a_token_in_an_address_is_told_nowhere(run: Run, server: OddServer, home: Path) -> None:
    """Also after the `#`, which is never sent, and under a name that is short."""
    held = {name: secrets.token_urlsafe(12) for name in ("auth", "jwt", "pat", "access_token")}
    query = "&".join(f"{name}={held[name]}" for name in ("auth", "jwt", "pat"))
    address = f"{server.mcp}?{query}#access_token={held['access_token']}"
    found = run("doctor", address, "--json", "--save", "c.json")
    markdown = run("doctor", address, "--markdown")
    texts = (json.dumps(found.json), Path("c.json").read_text(), markdown.out, markdown.err)
    assert not [name for name, value in held.items() if any(value in text for text in texts)]
    assert found.json["target"] == f"{server.mcp}?auth={MASK}&jwt={MASK}&pat={MASK}"


def test_no_target_keeps_what_follows_the_number_sign() -> None:
    """However it came: a client's entry is one as well."""
    target = Target("x", Remote("https://a.test/mcp?b=c#access_token=d"))
    assert target.url == "https://a.test/mcp?b=c"
    token = secrets.token_urlsafe(12)
    stdio = Target("x", Stdio(("x",)), settings={"url": f"https://a.test/#access_token={token}"})
    assert token not in sending.hider(stdio)(f"it asked for {stdio.url}")
