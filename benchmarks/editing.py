"""What it costs to put one server into another program's file of 10 MB, against `json.loads` of it.

``python benchmarks/editing.py`` prints the ratio of the two, measured in the same run, for each way in which such a
file looks; exit 1 where it is more than 5. What counts is all that the preview needs: the file read, parsed, edited,
parsed again and compared. Preparing and writing as a whole (with the copy, the flush to disk and the record) is shown
beside it, as is a file with comments everywhere, which `json.loads` cannot read (it is measured without them).
"""

from __future__ import annotations

import sys
from pathlib import Path

# this folder would put a module of its own before the library's one of that name
sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import gc
import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from wizard import clients, export
from wizard.clients import choosing
from wizard.clients.base import read_file
from wizard.clients.model import Job
from wizard.entries import RemotePlan

SIZE: Final = 10_000_000
MOST: Final = 5.0
ROUNDS: Final = 5
UNREAL: Final = "servers and nothing else"
"""Shown, and not bound: everything stands on the path, so all of it is walked."""
PLAN: Final = RemotePlan("new-one", "https://server.invalid/mcp", {"X-Team": ("blue",)})


def best(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The processor's seconds of the quickest of several rounds."""
    found = []
    for _ in range(rounds):
        gc.collect()
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


def many(count: int) -> dict[str, Any]:
    """A person's file of Claude Code: projects with what was typed in them."""
    typed = "Look at the failing test in src/wire/frames.py, and say why `peek` comes twice \N{EN DASH} then mend it."
    projects = {
        f"/home/somebody/projects/project-{n}": {
            "allowedTools": [],
            "history": [{"display": f"{i}: {typed}", "pastedContents": {}} for i in range(40)],
            "mcpServers": {},
            "hasTrustDialogAccepted": True,
            "lastCost": n / 7,
        }
        for n in range(count)
    }
    return {"numStartups": count, "mcpServers": {"old": {"type": "http", "url": "https://a.invalid"}}} | {
        "projects": projects
    }


def array(count: int) -> dict[str, Any]:
    """One long list of numbers and words."""
    return {"mcpServers": {}, "seen": [n if n % 3 else f"item {n}" for n in range(count * 100)]}


def mixed(count: int) -> dict[str, Any]:
    """Small things of every kind, deep in each other."""
    leaf: dict[str, Any] = {
        "a": [1, -2.5, None, {"b": ["x", {"c": {"d": [True, {"e": {}}]}}]}],
        "f": "\t\"'\\ é",
    }
    tree = {f"k{n}": {"deep": [[{"er": leaf}]], "n": n} for n in range(count)}
    return {"mcpServers": {}, "settings": tree}


def servers(count: int) -> dict[str, Any]:
    """As many servers."""
    one = {"type": "http", "url": "https://server.invalid/mcp", "headers": {"X-Team": "blue"}}
    return {"mcpServers": {f"server-{n}": one for n in range(count * 10)}}


def sized(make: Callable[[int], dict[str, Any]], text: Callable[[object], str]) -> str:
    """A text of about 10 MB."""
    return text(make(SIZE * 100 // len(text(make(100)).encode())))


def shapes() -> Mapping[str, tuple[str, str]]:
    """Each file, and what `json.loads` reads in its place."""

    def line(value: object) -> str:
        return json.dumps(value, separators=(",", ":"))

    history = sized(many, pretty)
    found = {
        "Claude Code's own, pretty printed": history,
        "the same with CRLF": history.replace("\n", "\r\n"),
        "the same on one line": sized(many, line),
        "one long list": sized(array, line),
        "one long list, pretty printed": sized(array, pretty),
        "deeply mixed, one line": sized(mixed, line),
        "deeply mixed, pretty printed": sized(mixed, pretty),
    }
    return {name: (text, text) for name, text in found.items()}


def pretty(value: object) -> str:
    """As a person would want to read it."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def commented() -> tuple[str, str]:
    """A comment at the end of every tenth line; the same without."""
    text = sized(mixed, lambda v: json.dumps(v, indent=2) + "\n")
    lines = text.splitlines(keepends=True)
    with_them = [f"{one[:-1]} // a note\n" if n % 10 == 0 else one for n, one in enumerate(lines)]
    return "".join(with_them), text


def measure(path: Path, client_id: str, shape: tuple[str, str]) -> tuple[float, float, float]:
    """The seconds of `json.loads`, of the edit, and of preparing and writing."""
    held, strict = (text.encode() for text in shape)
    client = clients.get(client_id)
    job = Job(choosing.form(client, PLAN, "inline"), "conn", "inline", {}, {})

    def edit() -> None:
        path_held = read_file(path)
        assert client.compose(job, path, path_held).after != path_held

    def whole() -> None:
        path.write_bytes(held)
        prepared = export.prepare(PLAN, "conn", client_id, project=True, path=path, how="inline", secrets={})
        assert export.write(prepared).backup

    path.write_bytes(held)
    return best(lambda: json.loads(strict)), best(edit), best(whole, 1)


def main() -> int:
    """Measure each shape; 1 where one is too slow."""
    good = True
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(HOME=folder, XDG_DATA_HOME=f"{folder}/data", XDG_STATE_HOME=f"{folder}/state")
        cases = [("claude-code", name, shape) for name, shape in shapes().items()]
        cases.append(("vscode", "a comment on every tenth line", commented()))
        cases.append(("claude-code", UNREAL, (many_servers := sized(servers, pretty), many_servers)))
        for client, name, shape in cases:
            alone, edit, whole = measure(Path(folder) / "mcp.json", client, shape)
            bound = shape[0] == shape[1] and name != UNREAL
            good = good and (not bound or edit / alone <= MOST)
            print(
                f"{name}, {len(shape[0].encode()) / 1e6:.1f} MB: {edit * 1000:.0f} ms, {edit / alone:.1f} times"
                f" json.loads ({alone * 1000:.0f} ms){f'; at most {MOST:.0f}' if bound else ''}; with the writing"
                f" {whole / alone:.1f} times",
                flush=True,
            )
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
