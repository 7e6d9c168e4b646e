"""What the tests of the vendors share: a target as the wizard would make it, and its diagnosis."""

from __future__ import annotations

from diagnostics import doctor, targets
from diagnostics.doctor import Diagnosis
from diagnostics.target import Target
from sandbox.practice import Practice
from wizard import catalogue
from wizard.choice import Choice
from wizard.secret import Secret
from wizard.transport import Transport

VENDORS = ("github", "slack", "notion", "atlassian", "google", "fusionauth")
METHODS = {
    "github": "classic",
    "slack": "bot_token",
    "notion": "integration",
    "atlassian": "api_token",
    "google": "access_token",
    "fusionauth": "api_key",
}
FIELDS = {"atlassian": "password", "fusionauth": "api_key"}


def target_of(
    running: Practice,
    id: str,
    credential: Secret | None = None,
    *,
    settings: dict[str, str] | None = None,
    scopes: tuple[str, ...] = (),
) -> Target:
    """The practice service with its usual method; ``credential`` stands in for the service's own."""
    site = running.services[id]
    service = catalogue.load().get(id)
    environment = service.environment("practice") or service.environments[0]
    method = service.method(METHODS.get(id, "bearer"))
    assert method is not None
    field = FIELDS.get(id, "token")
    given = {"username": site.credentials["username"].reveal()} if id == "atlassian" else {}
    texts = {**given, **(settings or {})}
    held = {field: credential or site.credentials[field]}
    return targets.build(
        Choice(service, environment, method, site.url, texts, held, f"practice-{id}", scopes)
    )


async def diagnosed(target: Target, **more: tuple[str, ...]) -> Diagnosis:
    """The doctor's answer."""
    async with Transport(timeout=10) as transport:
        return await doctor.diagnose(target, transport, require_scopes=more.get("require_scopes", ()))
