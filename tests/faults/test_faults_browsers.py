"""What only a client in a browser meets is a warning where it is seen, and no question where nobody is meant to ask."""

from __future__ import annotations

from pathlib import Path

import pytest
from faults.corpus import arranged, outcome
from faults.fault import Words
from faults.mcp_site import McpSite, behind, doctor
from faults.world import VARIANTS, Variant, World
from servers.scripted import Asked, Reply

from diagnostics.causes.book import REGISTRY

pytestmark = pytest.mark.slow

variants = pytest.mark.parametrize("variant", VARIANTS, ids=[f"v{v.number}" for v in VARIANTS])

_EVERYBODY = ("Access-Control-Allow-Origin", "*")
_EXPOSED = ("Access-Control-Expose-Headers", "Mcp-Session-Id, WWW-Authenticate")


def preflight_refused(world: World) -> Words:
    held = McpSite(world.variant.path, headers=(_EVERYBODY, _EXPOSED))

    def before(asked: Asked) -> Reply | None:
        if asked.method != "OPTIONS":
            return None
        refused = held.refused(asked)
        allowed = (_EVERYBODY, ("Access-Control-Allow-Headers", "content-type"))
        return world.pick(refused, Reply(405, {"detail": "Method Not Allowed"}), Reply(204, headers=allowed))

    site, _ = behind(world, before, held)
    return doctor(world, site, held)


def challenge_hidden(world: World) -> Words:
    origin = world.pick("*", "https://app.acme.test", "*")
    more = world.pick((), (("Access-Control-Expose-Headers", "Mcp-Session-Id"),), ())
    allowed = ("Access-Control-Allow-Headers", "Authorization, Content-Type, Mcp-Protocol-Version")
    held = McpSite(world.variant.path, headers=(("Access-Control-Allow-Origin", origin), allowed, *more))
    site, _ = behind(
        world, lambda a: Reply(204, headers=held.headers) if a.method == "OPTIONS" else None, held
    )
    return doctor(world, site, held)


CASES = {
    "cors-preflight-requires-auth": preflight_refused,
    "cors-www-authenticate-not-exposed": challenge_hidden,
}


@variants
@pytest.mark.parametrize("cause", CASES)
def test_it_is_a_warning_and_no_finding(
    cause: str, variant: Variant, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with arranged(CASES[cause], variant, home, monkeypatch) as words:
        found = outcome(words)
    assert (found.code, found.causes) == (0, ()), found.document
    assert cause in found.warnings, found.document
    assert set(found.warnings) <= {cause, "token-file-too-permissive"}
    monkeypatch.delitem(REGISTRY, cause)
    with arranged(CASES[cause], variant, home / "again", monkeypatch) as words:
        assert cause not in outcome(words).warnings


@variants
def test_who_does_not_speak_to_browsers_is_not_asked_as_one(
    variant: Variant, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def plain(world: World) -> Words:
        held = McpSite(world.variant.path)
        site, _ = behind(world, lambda _: None, held)
        return doctor(world, site, held)

    with arranged(plain, variant, home, monkeypatch) as words:
        found = outcome(words)
    assert not [e for e in found.document["exchanges"] if e["method"] == "OPTIONS"]
    assert not [w for w in found.warnings if w.startswith("cors")]
