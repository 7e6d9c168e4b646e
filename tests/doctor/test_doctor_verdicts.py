"""Verdicts that were wrong once: what proves nothing is not said to be proven."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
import secrets
import socket
from pathlib import Path

import pytest
from servers.raw import Asked, answer, raw_server
from support.running import Put, Ran, Run

from diagnostics import doctor, ladder, report, targets
from diagnostics.causes import book
from diagnostics.doctor import Diagnosis
from diagnostics.target import Target
from sandbox import practice
from sandbox.practice import Practice
from wizard.secret import MASK, Secret
from wizard.transport import Transport


async def diagnosed(target: Target) -> Diagnosis:
    async with Transport(timeout=5) as transport:
        return await doctor.diagnose(target, transport)


def _gateway(
    run: Run, running: Practice, patch: pytest.MonkeyPatch, name: str, server: str = "currenttime"
) -> Ran:
    gateway = running.services["gateway"]
    patch.setenv("V", gateway.credentials["client_secret"].reveal())
    return run(
        *("setup", "gateway", "--method", "client_credentials", "--yes", "--json", "--name", name),
        *("--environment", "practice", "--url", gateway.url, "--secret", "client_secret=env:V"),
        *("--set", f"client_id={gateway.credentials['client_id'].reveal()}", "--set", f"server={server}"),
    )


def test_a_connection_that_reads_the_same_variable_is_no_proof(
    run: Run, monkeypatch: pytest.MonkeyPatch, home: object
) -> None:
    with practice.start() as running:
        made = _gateway(run, running, monkeypatch, "gw1")
        assert made.code == 0, made.out + made.err
    with practice.start(faults={"gateway": "group-to-scope-mapping-missing"}) as running:
        found = _gateway(run, running, monkeypatch, "gwx")
    finding = found.json["test"]["finding"]
    assert finding["cause"] == "group-to-scope-mapping-missing", finding


def test_a_server_that_a_gateway_does_not_have_is_named(
    run: Run, services: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = _gateway(run, services, monkeypatch, "gw1", "nonesuch")
    assert found.code == 1
    finding = found.json["test"]["finding"]
    assert finding["title"].startswith("The gateway has no server `nonesuch`; it has "), finding
    assert "currenttime" in finding["title"]
    assert finding["certainty"] == "proven"


async def test_who_refuses_every_address_alike_tells_of_none() -> None:
    token = Secret(secrets.token_urlsafe(24))

    async def answerer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        known = token.reveal() in asked.headers.get("authorization", "")
        writer.write(answer(404 if known else 401, {"error": "nobody" if known else "who are you"}))

    async with raw_server(answerer) as raw:
        url = f"http://127.0.0.1:{raw.port}/nonesuch/mcp"
        found = await diagnosed(targets.from_url(url, credential=token))
        assert "wrong-transport-or-endpoint-path" not in [f.cause for f in found.findings], report.text(found)


def test_what_refuses_the_request_is_not_said_to_work(run: Run, put: Put, home: object) -> None:
    with practice.start(faults={"fusionauth": "tenant-header-missing-or-wrong"}) as running:
        site = running.services["fusionauth"]
        key = put(next(iter(site.credentials.values())))
        more = ("--url", site.url, "--environment", "practice", "--yes", "--json")
        found = run("setup", "fusionauth", "--secret", f"api_key={key}", *more)
    assert found.code == 1, found.out + found.err
    steps = {s["id"]: s for s in found.json["test"]["steps"]}
    assert (found.json["test"]["ok"], steps["credential"]["ok"]) == (False, False)
    assert found.json["test"]["finding"]["cause"] == "tenant-header-missing-or-wrong"


@pytest.mark.parametrize("status", [400, 404, 405, 422, 500])
async def test_only_an_accepted_answer_says_that_an_api_works(status: int) -> None:
    token = Secret(secrets.token_urlsafe(24))

    async def answerer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        known = token.reveal() in asked.headers.get("authorization", "")
        writer.write(answer(status if known else 401, {"message": "no"}))

    async with raw_server(answerer) as raw, Transport(timeout=5) as transport:
        target = targets.from_url(f"http://127.0.0.1:{raw.port}/v1/me", credential=token, kind="api")
        found = await ladder.run(target, transport)
    assert not found.ok, found


@pytest.mark.parametrize("method", ["bearer", "basic", "api_key_header", "api_key_query", "headers"])
def test_a_method_without_its_credential_is_missing_something(
    run: Run, services: Practice, method: str
) -> None:
    found = run("test", services.services["mcp"].url, "--method", method, "--json")
    assert (found.code, found.json["error"]["id"]) == (2, "missing")


def test_an_address_alone_is_tested_as_somebody_unknown(run: Run, services: Practice) -> None:
    assert run("test", services.services["mcp"].url, "--json").code == 0


def test_a_server_that_takes_anything_is_said_to_on_the_first_lines(run: Run, put: Put, home: object) -> None:
    with practice.start(faults={"mcp": "auth-disabled"}) as running:
        url = running.services["mcp"].url
        source = put(secrets.token_urlsafe(24))
        tested = run("test", url, "--credential", source)
        made = run("setup", "mcp", "--url", url, "--secret", f"token={source}", "--name", "it", "--yes")
    for found in (tested, made):
        assert found.code == 0, found.out + found.err
        assert "yours was not checked" in found.out.splitlines()[1]


def test_a_file_that_others_can_read_is_said_of_an_address_as_well(
    run: Run, services: Practice, home: Path
) -> None:
    file = home / "t"
    file.write_text(services.services["mcp"].credentials["token"].reveal())
    file.chmod(0o644)
    found = run("doctor", services.services["mcp"].url, "--credential", f"file:{file}", "--json")
    assert found.code == 0, found.out
    assert "token-file-too-permissive" in found.warnings
    file.chmod(0o600)
    found = run("doctor", services.services["mcp"].url, "--credential", f"file:{file}", "--json")
    assert found.warnings == []


@pytest.mark.parametrize("lines", ["{0}\n{1}", "{0}\r\n{1}\r\n"])
def test_a_token_of_two_lines_is_named(run: Run, services: Practice, home: Path, lines: str) -> None:
    file = home / "t"
    token = services.services["mcp"].credentials["token"].reveal()
    file.write_bytes(lines.format(token, secrets.token_urlsafe(16)).encode())
    file.chmod(0o600)
    for words in (("--credential", f"file:{file}"), ("--header", f"X-Api-Key=file:{file}")):
        found = run("doctor", services.services["mcp"].url, *words, "--json")
        assert "token-quotes-or-invisible-characters" in found.causes, found.out
        assert any("several lines" in f["title"] for f in found.json["findings"])


def test_the_houses_own_words_stay_whatever_the_secret_is(run: Run, services: Practice, put: Put) -> None:
    url = services.services["mcp"].url
    twice = run("doctor", url, "--header", f"Authorization={put('Bearer Bearer x')}", "--json")
    titles = [f["title"] for f in twice.json["findings"]]
    assert "The word Bearer is sent twice." in titles

    word = ("--method", "basic", "--set", "username=me", "--secret", f"password={put('wrong')}")
    found = run("doctor", url, "--kind", "api", *word, "--json")
    for said in (*found.json["findings"], *found.json["not_examined"]):
        assert MASK not in f"{said.get('title')} {said.get('fix')} {said.get('needs')}"
    tested = run("test", url, "--kind", "api", *word, "--json")
    assert MASK not in "".join(s["expected"] for s in tested.json["steps"])


async def test_a_common_word_that_a_server_quotes_is_hidden_all_the_same() -> None:
    async def answerer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(401, {"error": "no such password: wrong"}))

    async with raw_server(answerer) as raw, Transport(timeout=5) as transport:
        url = f"http://127.0.0.1:{raw.port}/v1/me"
        given = {"settings": {"username": "me"}, "secrets": {"password": Secret("wrong")}}
        target = targets.from_url(url, method="basic", kind="api", **given)
        found = await doctor.diagnose(target, transport)
        tested = await ladder.run(target, transport)
    assert "password: wrong" not in json.dumps(found.as_json()) + json.dumps(tested.as_json())


def test_what_a_setting_says_is_shown_though_a_header_holds_it(
    run: Run, services: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = _gateway(run, services, monkeypatch, "gw1", "nonesuch")
    gateway = services.services["gateway"]
    said = json.dumps(found.json["test"]["finding"])
    assert f"{gateway.url}/nonesuch/mcp" in said, said
    assert MASK not in said


async def test_https_at_a_port_that_hangs_up_is_plain_http() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            if await reader.readexactly(1) != b"\x16":
                writer.write(answer(200, {}))
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, Transport(timeout=5) as transport:
        found = await doctor.diagnose(targets.from_url(f"https://127.0.0.1:{port}/mcp"), transport)
    assert [f.cause for f in found.findings] == ["https-url-on-plain-http-port"], report.text(found)


async def test_no_route_has_a_cause_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(self: socket.socket, where: object) -> None:
        raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))

    monkeypatch.setattr(socket.socket, "connect", none)
    target = targets.from_url("https://127.0.0.1:9/mcp")
    found = await diagnosed(target)
    assert [(f.cause, f.certainty) for f in found.findings] == [("network-unreachable", "proven")]
    assert not [n for n in found.not_examined if "speaks TLS" in n.needs]
    monkeypatch.delitem(book.REGISTRY, "network-unreachable")
    assert (await diagnosed(target)).findings == ()


@pytest.mark.parametrize("written", ["Beare", "bearrer", "Baerer"])
def test_a_misspelt_scheme_is_named(run: Run, services: Practice, put: Put, written: str) -> None:
    token = services.services["mcp"].credentials["token"].reveal()
    value = put(f"{written} {token}")
    found = run("doctor", services.services["mcp"].url, "--header", f"Authorization={value}", "--json")
    assert found.causes[:1] == ["authorization-scheme-malformed"]
    assert f"`{written}`" in json.dumps(found.json["findings"][0], ensure_ascii=False)
    assert "token-quotes-or-invisible-characters" not in found.causes
