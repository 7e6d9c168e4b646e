"""What is asked once more of a vendor: only where it can tell something, of the same origin, and it finds no more than
there is."""

from __future__ import annotations

import base64
import secrets
import uuid

import pytest
from servers.scripted import Asked, Reply, scripted

from diagnostics import doctor, report, targets
from diagnostics.doctor import Diagnosis
from wizard import connections
from wizard.connections import Connection
from wizard.secret import Secret
from wizard.transport import Transport

BAD = Reply(401, {"message": "Bad credentials"})


def made(begins: str = "") -> Secret:
    return Secret(begins + secrets.token_hex(20))


async def diagnosed(url: str, token: Secret, **more: object) -> Diagnosis:
    target = targets.from_url(url, credential=token, kind="api", **more)
    async with Transport(timeout=5) as transport:
        return await doctor.diagnose(target, transport)


def causes(found: Diagnosis) -> list[str]:
    return [f.cause for f in found.findings]


def known(token: Secret, answer: Reply, **by_path: Reply) -> object:
    def answering(asked: Asked) -> Reply:
        return by_path.get(asked.path, answer) if asked.bearer == token.reveal() else BAD

    return answering


@pytest.mark.parametrize("begins", ["ghp_", "gho_", ""])
async def test_a_404_to_another_token_is_no_matter_of_owners(begins: str) -> None:
    token = made(begins)
    with scripted(known(token, Reply(404, {"message": "Not Found"}))) as site:  # type: ignore[arg-type]  # it answers
        found = await diagnosed(site.url("/repos/acme/ledger"), token)
        assert "github-fine-grained-not-approved-or-wrong-owner" not in causes(found), report.text(found)
        assert "/user" not in [a.path for a in site.asked]


async def test_a_fine_grained_token_that_nobody_knows_is_not_shown_again() -> None:
    with scripted(lambda _: BAD) as site:
        found = await diagnosed(site.url("/repos/acme/ledger"), made("github_pat_"))
        assert "/user" not in [a.path for a in site.asked]
    assert causes(found) == ["token-not-recognised"], report.text(found)


async def test_another_connection_s_credential_goes_to_its_own_origin_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old, good = made("ghp_"), made("ghp_")
    monkeypatch.setenv("OLD_TOKEN", old.reveal())
    monkeypatch.setenv("GOOD_TOKEN", good.reveal())
    with scripted(lambda _: BAD) as site, scripted(lambda _: Reply(body={})) as other:
        connections.save(
            Connection("other", "http", "own", other.url(""), "bearer", secrets={"token": "env:GOOD_TOKEN"})
        )
        found = await diagnosed(site.url("/user"), old)
        assert good.reveal() not in [a.bearer for a in site.asked]
        assert other.asked == []
    assert "env-token-overrides-login" not in causes(found)


async def test_the_right_cloud_id_that_is_refused_is_not_called_wrong() -> None:
    token, id = made(), str(uuid.uuid4())
    listed = {
        "/oauth/token/accessible-resources": Reply(body=[{"id": id, "url": "https://acme.atlassian.net"}])
    }
    with scripted(known(token, Reply(403, {"errorMessages": ["No permission"]}), **listed)) as site:  # type: ignore[arg-type]  # it answers
        found = await diagnosed(site.url(f"/ex/jira/{id}/rest/api/3/project"), token)
    assert "atlassian-cloud-id-wrong" not in causes(found), report.text(found)


async def test_a_site_that_says_its_own_cloud_id() -> None:
    token, own = made(), str(uuid.uuid4())

    def answer(asked: Asked) -> Reply:
        if asked.path == "/_edge/tenant_info":
            assert not asked.bearer
            return Reply(body={"cloudId": own})
        return Reply(404, {"message": "No such site"}) if asked.bearer == token.reveal() else BAD

    with scripted(answer) as site:
        found = await diagnosed(site.url(f"/ex/jira/{uuid.uuid4()}/rest/api/3/project"), token)
    assert causes(found)[0] == "atlassian-cloud-id-wrong", report.text(found)
    assert own in found.findings[0].title


async def test_a_pair_that_the_gateway_refuses_as_well_is_just_wrong() -> None:
    def answer(asked: Asked) -> Reply:
        if asked.path == "/_edge/tenant_info":
            return Reply(body={"cloudId": str(uuid.uuid4())})
        return Reply(401, "Client must be authenticated to access this resource.", "text/plain")

    with scripted(answer) as site:
        url, token = site.url("/rest/api/3/myself"), made("ATATT")
        target = targets.from_url(
            url,
            method="basic",
            kind="api",
            settings={"username": "ada@example.com"},
            secrets={"password": token},
        )
        async with Transport(timeout=5) as transport:
            found = await doctor.diagnose(target, transport)
        sent = {a.headers.get("authorization", "") for a in site.asked if a.path.startswith("/_edge")}
    assert sent == {""}
    assert "atlassian-scoped-token-needs-gateway" not in causes(found), report.text(found)
    pair = base64.b64encode(f"ada@example.com:{token.reveal()}".encode()).decode()
    assert pair not in str(found.as_json())


@pytest.mark.parametrize("error", ["channel_not_found", "ratelimited", "internal_error"])
async def test_what_slack_says_of_other_things_is_no_refusal_of_the_token(error: str) -> None:
    token = made("xoxb-")
    with scripted(known(token, Reply(200, {"ok": False, "error": error}))) as site:  # type: ignore[arg-type]  # it answers
        found = await diagnosed(site.url("/api/conversations.info"), token)
    assert not [c for c in causes(found) if c.startswith("slack")], report.text(found)
