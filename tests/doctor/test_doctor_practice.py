"""Each practice fault is named first; a healthy service yields nothing; without its rule the cause is not named."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from diagnostics import causes, doctor, report, targets
from diagnostics.causes.book import REGISTRY
from diagnostics.doctor import Diagnosis
from diagnostics.target import Target
from sandbox import practice
from sandbox.practice import Practice
from wizard import catalogue
from wizard.choice import Choice
from wizard.secret import Secret
from wizard.transport import Transport

pytestmark = pytest.mark.slow

FAULTS = [
    ("fleet", "health-requires-auth"),
    ("faos", "health-requires-auth"),
    ("fleet", "auth-disabled"),
    ("faos", "auth-disabled"),
    ("fleet", "rate-limited"),
    ("faos", "rate-limited"),
    ("mcp", "rate-limited"),
    ("fleet", "server-error"),
    ("faos", "server-error"),
    ("mcp", "server-error"),
    ("faos", "access-token-expired"),
    ("mcp", "access-token-expired"),
    ("mcp", "audience-not-bound-to-resource"),
    ("faos", "insufficient-scope"),
    ("mcp", "insufficient-scope"),
    ("fleet", "wrong-transport-or-endpoint-path"),
    ("mcp", "wrong-transport-or-endpoint-path"),
    ("mcp", "redirect-trailing-slash-drops-auth"),
    ("faos", "access-proxy-redirects-to-login"),
    ("fleet", "access-proxy-redirects-to-login"),
    ("mcp", "access-proxy-redirects-to-login"),
    ("fleet", "token-not-recognised"),
    ("faos", "token-not-recognised"),
    ("mcp", "token-not-recognised"),
    ("mcp", "wrong-environment-url"),
]


def target_of(running: Practice, service_id: str, credential: Secret | None = None) -> Target:
    """The practice service as the wizard would set it up."""
    site = running.services[service_id]
    token = credential or site.credentials["token"]
    service = catalogue.load().get(service_id)
    environment = service.environment("practice") or service.environments[0]
    method = service.method("bearer")
    assert method is not None
    return targets.build(
        Choice(
            service,
            environment,
            method,
            url=site.url,
            secrets={"token": token},
            name=f"practice-{service_id}",
        )
    )


async def diagnosed(target: Target) -> Diagnosis:
    async with Transport(timeout=10) as transport:
        return await doctor.diagnose(target, transport)


@pytest.fixture(params=FAULTS, ids=["-".join(f) for f in FAULTS])
def faulty(request: pytest.FixtureRequest, home: object) -> Iterator[tuple[Practice, str, str]]:
    service, cause = request.param
    with practice.start(faults={service: cause}) as running:
        yield running, service, cause


@pytest.mark.slow
async def test_the_fault_is_named_first(faulty: tuple[Practice, str, str]) -> None:
    running, service, cause = faulty
    target = target_of(running, service)
    found = await diagnosed(target)
    assert found.findings, report.text(found)
    assert found.findings[0].cause == cause, report.text(found)
    assert found.verdict == "broken"
    token = running.services[service].credentials["token"].reveal()
    assert token not in str(found.as_json()) + report.text(found) + report.markdown(found)


@pytest.mark.slow
async def test_without_its_rule_it_is_not_named(
    faulty: tuple[Practice, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    running, service, cause = faulty
    monkeypatch.delitem(REGISTRY, cause)
    found = await diagnosed(target_of(running, service))
    assert cause not in [f.cause for f in found.findings]


@pytest.mark.parametrize("service", ["faos", "fleet", "mcp"])
async def test_a_healthy_service_yields_nothing(service: str) -> None:
    with practice.start() as running:
        found = await diagnosed(target_of(running, service))
        assert (found.verdict, found.findings, found.warnings) == ("healthy", (), ()), report.text(found)
        bare = await diagnosed(targets.from_url(running.services[service].url))
        assert bare.verdict == "healthy", report.text(bare)
        assert bare.findings == ()


async def test_a_jwt_that_is_in_order_is_healthy() -> None:
    with practice.start() as running:
        found = await diagnosed(target_of(running, "mcp", running.issue_jwt()))
        assert (found.verdict, found.findings, found.warnings) == ("healthy", (), ()), report.text(found)


TEXTS = [
    ("token-trailing-newline-or-crlf", "{}\r\n"),
    ("token-trailing-newline-or-crlf", "{} "),
    ("token-quotes-or-invisible-characters", '"{}"'),
    ("token-quotes-or-invisible-characters", "{}\u200b"),
    ("double-bearer-prefix", "Bearer {}"),
    ("unexpanded-variable-literal", "${{FLEET_TOKEN}}"),
]


@pytest.mark.parametrize("service", ["fleet", "faos", "mcp"])
@pytest.mark.parametrize(("cause", "form"), TEXTS)
async def test_a_fault_in_the_text_is_proven_by_the_mended_value(
    service: str, cause: str, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with practice.start() as running:
        token = running.services[service].credentials["token"].reveal()
        target = target_of(running, service, Secret(form.format(token)))
        found = await diagnosed(target)
        assert found.findings[0].cause == cause, report.text(found)
        assert found.findings[0].certainty == "proven", report.text(found)
        assert token not in str(found.as_json())
        monkeypatch.delitem(REGISTRY, cause)
        without = await diagnosed(target)
        assert cause not in [f.cause for f in without.findings]


SCHEMES = ["Bearer:{}", "Bearer{}", "token={}", "{}", "bearer {}", "Bearer  {}", "Token {}"]


@pytest.mark.parametrize("form", SCHEMES)
async def test_a_malformed_scheme_is_proven(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with practice.start() as running:
        site = running.services["fleet"]
        sent = Secret(form.format(site.credentials["token"].reveal()))
        target = targets.from_url(f"{site.url.rstrip('/')}", headers={"Authorization": sent}, kind="mcp")
        found = await diagnosed(target)
        assert found.findings[0].cause == "authorization-scheme-malformed", report.text(found)
        assert found.findings[0].certainty == "proven"
        monkeypatch.delitem(REGISTRY, "authorization-scheme-malformed")
        without = await diagnosed(target)
        assert "authorization-scheme-malformed" not in [f.cause for f in without.findings]


@pytest.mark.parametrize("header", ["", "X-Fleet-Token"])
async def test_a_missing_header_is_proven(header: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from wizard.entries import Remote

    with practice.start() as running:
        site = running.services["fleet"]
        sent = {header: site.credentials["token"]} if header else {}
        target = targets.recognised(Remote(site.url, sent), "claude-code:fleet")
        found = await diagnosed(target)
        assert found.findings[0].cause == "authorization-header-missing", report.text(found)
        assert found.findings[0].certainty == "proven"
        monkeypatch.delitem(REGISTRY, "authorization-header-missing")
        without = await diagnosed(target)
        assert "authorization-header-missing" not in [f.cause for f in without.findings]


async def test_settings_of_another_environment_are_named() -> None:
    with practice.start() as running:
        service = catalogue.load().get("faos")
        environment, method = service.environment("practice"), service.method("api_token")
        assert environment and method
        target = targets.build(
            Choice(
                service,
                environment,
                method,
                url=running.services["faos"].url,
                secrets={"token": Secret(f"faosx_{secrets.token_urlsafe(24)}")},
                name="faos-prod",
            )
        )
        found = await diagnosed(target)
        assert found.findings[0].cause == "token-not-recognised"


def test_every_cause_has_what_the_contract_wants() -> None:
    for cause in causes.every():
        assert cause.title and cause.explanation and cause.fix and cause.sources
        if cause.owner != "you":
            assert any("admin" in step or "Ask" in step for step in cause.fix), cause.id
        assert set(cause.explains) <= set(REGISTRY), cause.id
