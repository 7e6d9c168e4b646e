"""Each room imports alone, and the lower rooms know no screen."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("wizard", "diagnostics", "sandbox", "screens", "commands")

_LOADED = """
import importlib, json, pkgutil, sys
room = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(room.__path__, room.__name__ + "."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print(json.dumps(sorted({name.split(".")[0] for name in sys.modules})))
"""


def loaded_by(room: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", _LOADED, room], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


@pytest.mark.slow
@pytest.mark.parametrize("room", ROOMS)
def test_each_room_imports_whole_in_a_fresh_process(room: str) -> None:
    assert room in loaded_by(room)


@pytest.mark.parametrize("room", ["wizard", "diagnostics", "sandbox"])
def test_lower_rooms_load_no_screen(room: str) -> None:
    loaded = loaded_by(room)
    assert not loaded & {"textual", "rich"}
    assert not loaded & {"screens", "commands"}


def test_wizard_knows_no_prober() -> None:
    assert not loaded_by("wizard") & {"diagnostics", "sandbox"}
