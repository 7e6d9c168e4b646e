"""Who does not speak to browsers is not asked as one."""

from __future__ import annotations

from pathlib import Path

import pytest
from faults.corpus import arranged, outcome
from faults.fault import Words
from faults.mcp_site import McpSite, behind, doctor
from faults.world import VARIANTS, Variant, World

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("variant", VARIANTS, ids=[f"v{v.number}" for v in VARIANTS])
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
