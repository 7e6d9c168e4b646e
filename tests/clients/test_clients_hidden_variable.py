"""Claude Code hides what sounds like a secret from a project's helper: such a config is refused, not called proven."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wizard import export
from wizard.change import Change
from wizard.entries import RemotePlan, Slot, StdioPlan
from wizard.errors import UsageError
from wizard.secret import Secret

FRESH = Slot("access_token", "C_ACCESS_TOKEN", fresh=True)
REMOTE = RemotePlan("c", "https://example.test/mcp", {"Authorization": ("Bearer ", FRESH)})
STDIO = StdioPlan("c", ("program",), {"TOKEN": (Slot("token", "C_TOKEN"),)})


def prepare(
    plan: RemotePlan | StdioPlan, variable: str, *, project: bool = True, how: str | None = None
) -> Change:
    values = {"access_token": Secret(secrets.token_urlsafe()), "token": Secret(secrets.token_urlsafe())}
    sources = {"client_secret": f"env:{variable}", "token": f"env:{variable}"}
    return export.prepare(
        plan, "c", "claude-code", project=project, path=None, how=how, secrets=values, sources=sources
    )


@pytest.mark.parametrize("how", [None, "helper"])
@pytest.mark.parametrize("variable", ["M2M_SECRET", "MY_TOKEN", "API_KEY", "GITHUB_PAT", "DB_PASSWORD"])
def test_a_projects_helper_that_could_not_read_it_is_refused(variable: str, how: str | None) -> None:
    with pytest.raises(UsageError) as refused:
        prepare(REMOTE, variable, how=how)
    assert refused.value.id == "variable-hidden-from-helper"
    assert variable in refused.value.title
    assert any("--store" in step for step in refused.value.fix)
    assert not Path(".mcp.json").exists()


def test_a_file_of_ones_own_another_name_and_a_program_are_not_concerned() -> None:
    assert prepare(REMOTE, "M2M_SECRET", project=False).how == "helper"
    for name in ("PATTERN", "X_AUTHORIZATION", "MONKEY"):
        assert prepare(REMOTE, name).how == "helper"
    assert prepare(STDIO, "M2M_SECRET", how="helper").how == "helper"


HIDDEN = {
    "M2M_SECRET",
    "MY_TOKEN",
    "API_KEY",
    "GITHUB_PAT",
    "DB_PASSWORD",
    "X_AUTH",
    "APIKEY",
    "X_CREDENTIALS",
}
ASKED = {"PATTERN", "X_AUTHORIZATION", "MONKEY", *HIDDEN}


@pytest.mark.real("claude")
@pytest.mark.parametrize("project", [True, False])
def test_it_is_so_in_the_real_one(
    project: bool, home: Path, claude: Callable[..., Any], logging_server: Any
) -> None:
    """What a helper finds in its environment, as Claude Code itself starts it."""
    names = home / "names"
    helper = home / "helper"
    helper.write_text(f"#!/bin/sh\nenv | cut -d= -f1 > {names}\necho '{{}}'\n", encoding="utf-8")
    helper.chmod(0o700)
    entry = {"x": {"type": "http", "url": logging_server.url, "headersHelper": str(helper)}}
    place = Path(".mcp.json") if project else home / ".claude.json"
    place.write_text(json.dumps({"mcpServers": entry}), encoding="utf-8")
    assert claude(dict.fromkeys(ASKED, "v")).connected("x")
    gets = set(names.read_text(encoding="utf-8").split()) & ASKED
    assert gets == (ASKED - HIDDEN if project else ASKED)
