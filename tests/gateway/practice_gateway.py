"""What the tests of the gateway share: its practice service, and targets of it."""

from __future__ import annotations

import secrets

from diagnostics import doctor, targets
from diagnostics.doctor import Diagnosis
from diagnostics.target import Target
from sandbox.practice import Practice, PracticeService
from wizard import catalogue, setup
from wizard.choice import Choice
from wizard.secret import Secret
from wizard.services import Environment, Method, Service
from wizard.setup import Draft
from wizard.transport import Transport

OTHER = "x" + secrets.token_hex(4)


def described(running: Practice, method: str = "keycloak_token") -> tuple[Service, Environment, Method]:
    catalogue.load.cache_clear()
    service = catalogue.load().get("gateway")
    environment, found = service.environment("practice"), service.method(method)
    assert environment is not None and found is not None
    assert environment.url == running.services["gateway"].url
    return service, environment, found


def settings_of(gateway: PracticeService, method: str, server: str) -> dict[str, str]:
    held = gateway.credentials
    cognito = method.startswith("cognito")
    found = {
        "server": server,
        "client_id": held["cognito_client_id" if cognito else "client_id"].reveal(),
        "keycloak_url": gateway.url,
        "keycloak_realm": "mcp-gateway",
        "cognito_domain": f"{gateway.url}/cognito",
        "user_pool_id": held["user_pool_id"].reveal(),
        "region": "us-east-1",
    }
    return found | ({"cloud_id": held["cloud_id"].reveal()} if server == "atlassian" else {})


def secrets_of(gateway: PracticeService, method: str, server: str) -> dict[str, Secret]:
    held = gateway.credentials
    found = {
        "keycloak": {"client_secret": held["client_secret"]},
        "keycloak_token": {"token": held["token"]},
        "cognito": {"client_secret": held["cognito_client_secret"]},
        "cognito_token": {"token": held["cognito_token"]},
        "none": {},
    }[method]
    return {**found, "egress_token": held["egress_token"]} if server == "atlassian" else found


def target_of(
    running: Practice,
    server: str = "mcpgw",
    *,
    method: str = "keycloak_token",
    token: Secret | None = None,
    without: tuple[str, ...] = (),
    **settings: str,
) -> Target:
    """The practice gateway as the wizard would set it up."""
    gateway = running.services["gateway"]
    service, environment, chosen = described(running, method)
    held = secrets_of(gateway, method, server) | ({"token": token} if token else {})
    return targets.build(
        Choice(
            service,
            environment,
            chosen,
            url=gateway.url,
            settings={**settings_of(gateway, method, server), **settings},
            secrets={k: v for k, v in held.items() if k not in without},
            name="practice-gateway",
        )
    )


def draft_of(running: Practice, server: str = "mcpgw", *, method: str = "keycloak_token") -> Draft:
    gateway = running.services["gateway"]
    service, environment, chosen = described(running, method)
    d = setup.with_method(setup.with_service(setup.new(), service, environment), chosen)
    for field, text in settings_of(gateway, method, server).items():
        d = setup.with_setting(d, field, text)
    for field, secret in secrets_of(gateway, method, server).items():
        d = setup.with_secret(d, field, secret)
    return d


async def diagnosed(target: Target, tool: str = "") -> Diagnosis:
    async with Transport(timeout=10) as transport:
        return await doctor.diagnose(target, transport, tool=tool)
