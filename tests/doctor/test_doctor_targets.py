"""From what a person names to what is asked, and what the doctor says of entries in a client's own config."""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path

import pytest

from diagnostics import doctor, report, targets
from diagnostics.causes import book
from diagnostics.doctor import Diagnosis
from diagnostics.target import Target
from sandbox import practice
from wizard import connections
from wizard.choice import Choice
from wizard.connections import Connection
from wizard.entries import Remote, Stdio
from wizard.errors import UsageError
from wizard.secret import Secret
from wizard.transport import Transport


async def diagnosed(target: Target, *, start: bool = False) -> Diagnosis:
    async with Transport(timeout=10) as transport:
        return await doctor.diagnose(target, transport, start=start)


def config(**servers: object) -> None:
    Path(".mcp.json").write_text(json.dumps({"mcpServers": servers}))


def saved(url: str, file: Path, **settings: str) -> Connection:
    return connections.save(
        Connection("faos-own", "faos", "practice", url, "api_token", settings, {"token": f"file:{file}"})
    )


def test_a_name_an_address_and_an_entry(home: Path) -> None:
    token = secrets.token_urlsafe(24)
    file = home / "token"
    file.write_text(token)
    file.chmod(0o600)
    saved("http://127.0.0.1:9/", file)
    config(
        fleet={
            "type": "http",
            "url": "http://127.0.0.1:9/mcp",
            "headers": {"Authorization": f"Bearer {token}"},
        }
    )

    by_name = targets.resolve("faos-own")
    assert isinstance(by_name.entry, Stdio)
    assert by_name.secrets == {"token": Secret(token)}
    assert by_name.url == "http://127.0.0.1:9/"

    by_url = targets.resolve("http://127.0.0.1:9/x", credential=Secret(token))
    assert isinstance(by_url.entry, Remote)
    assert by_url.entry.headers == {"Authorization": Secret(f"Bearer {token}")}

    by_entry = targets.resolve("claude-code:fleet")
    assert by_entry.credential == Secret(token)
    assert by_entry.label == "claude-code:fleet"
    assert [t.label for t in targets.every_server("claude-code")] == ["claude-code:fleet"]


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("nobody", "unknown-connection"),
        ("ftp://x/", "not-a-url"),
        ("nothing:server", "unknown-client"),
        ("claude-code:absent", "unknown-server"),
        ("claude-code:", "many-targets"),
    ],
)
def test_what_cannot_be_resolved_is_a_sentence(text: str, id: str) -> None:
    with pytest.raises(UsageError) as failure:
        targets.resolve(text)
    assert failure.value.id == id


def test_both_a_credential_and_its_header_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="Both"):
        targets.from_url(
            "http://127.0.0.1/", credential=Secret("x" * 20), headers={"authorization": Secret("y")}
        )


async def test_a_variable_that_is_not_set_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with practice.start() as running:
        url = running.services["fleet"].url
        config(fleet={"type": "http", "url": url, "headers": {"Authorization": "Bearer ${NO_SUCH_TOKEN}"}})
        found = await diagnosed(targets.resolve("claude-code:fleet"))
        monkeypatch.delitem(book.REGISTRY, "unexpanded-variable-literal")
        without = await diagnosed(targets.resolve("claude-code:fleet"))
    assert found.findings[0].cause == "unexpanded-variable-literal", report.text(found)
    assert "unexpanded-variable-literal" not in [f.cause for f in without.findings]
    assert "NO_SUCH_TOKEN" in found.findings[0].title
    assert len(found.findings) == 1, report.text(found)


async def test_a_stdio_entry_is_asked_through_its_services_api(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with practice.start() as running:
        site = running.services["faos"]
        entry = {
            "command": sys.executable,
            "args": ["-m", "sandbox.faos_mcp"],
            "env": {"FAOS_API_URL": site.url, "FAOS_API_TOKEN": "${FAOS_API_TOKEN}"},
        }
        config(faos=entry)
        monkeypatch.setenv("FAOS_API_TOKEN", site.credentials["token"].reveal())
        good = await diagnosed(targets.resolve("claude-code:faos"))
        assert (good.verdict, good.findings) == ("healthy", ()), report.text(good)
        started = await diagnosed(targets.resolve("claude-code:faos"), start=True)
        assert started.verdict == "healthy", report.text(started)

        monkeypatch.setenv("FAOS_API_TOKEN", site.credentials["token_expired"].reveal())
        bad = await diagnosed(targets.resolve("claude-code:faos"))
        assert bad.findings[0].cause == "access-token-expired", report.text(bad)

        monkeypatch.delenv("FAOS_API_TOKEN")
        unset = await diagnosed(targets.resolve("claude-code:faos"))
        assert [f.cause for f in unset.findings] == ["unexpanded-variable-literal"], report.text(unset)


async def test_a_credential_of_another_environment_is_known_by_the_other_connection(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with practice.start(faults={"faos": "wrong-environment-url"}) as running:
        here, there = running.services["faos"], running.services["faos-staging"]
        file = home / "token"
        file.write_text(here.credentials["token"].reveal())
        file.chmod(0o600)
        connections.save(
            Connection(
                "faos-there", "faos", "practice", there.url, "api_token", {}, {"token": f"file:{file}"}
            )
        )
        mine = saved(here.url, file)
        found = await diagnosed(targets.from_connection(mine))
        assert found.findings[0].cause == "wrong-environment-url", report.text(found)
        with monkeypatch.context() as less:
            less.delitem(book.REGISTRY, "wrong-environment-url")
            without = await diagnosed(targets.from_connection(mine))
        assert "wrong-environment-url" not in [f.cause for f in without.findings]
        assert there.url in report.text(found)
        assert not [s for s in running.seen if s.service == "faos-staging"], "the credential left its origin"


async def test_settings_of_another_environment_are_named(home: Path) -> None:
    with practice.start(faults={"faos": "token-not-recognised"}) as running:
        url = running.services["faos"].url
        token = running.services["faos"].credentials["token"]
        from wizard import catalogue

        service = catalogue.load().get("faos")
        prod, method = service.environment("prod"), service.method("api_token")
        practice_live = service.environment("practice")
        assert prod and method and practice_live
        from dataclasses import replace

        here = replace(prod, url=url, live=practice_live.live)
        service = replace(
            service, environments=(here, *[e for e in service.environments if e.id == "staging"])
        )
        target = targets.build(
            Choice(
                service,
                here,
                method,
                url=url,
                settings={"tenant_id": "tenant-staging"},
                secrets={"token": token},
                name="faos-prod",
            )
        )
        found = await diagnosed(target)
        assert found.findings[0].cause == "wrong-environment-url", report.text(found)
        assert found.findings[0].explains == ("token-not-recognised",)


async def test_a_wanted_scope_that_was_not_granted_is_named(home: Path) -> None:
    from dataclasses import replace

    with practice.start() as running:
        site = running.services["faos"]
        file = home / "token"
        file.write_text(site.credentials["token_narrow"].reveal())
        file.chmod(0o600)
        mine = replace(saved(site.url, file), scopes=("context:read", "graph:read"))
        found = await diagnosed(targets.from_connection(mine))
    assert found.findings[0].cause == "insufficient-scope", report.text(found)
    assert "`graph:read`" in found.findings[0].title


async def test_probes_are_told_as_they_finish() -> None:
    states = []
    with practice.start() as running:
        url = running.services["mcp"].url
        async with Transport() as transport:
            target = targets.from_url(url, credential=Secret("x" * 30))
            found = await doctor.diagnose(target, transport, on_probe=states.append)
    ended = {s.id: s for s in states if s.state in ("done", "skipped", "failed")}
    assert {s.id for s in states} == set(ended)
    assert not [s for s in ended.values() if s.state == "failed"]
    assert found.exchanges and all("x" * 30 not in str(e.as_json()) for e in found.exchanges)
    document = found.as_json()
    assert document["schema"] == 1 and json.dumps(document, allow_nan=False)
