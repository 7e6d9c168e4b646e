"""What each client can do, by its module, and what the program itself made of it, by the tests: docs/clients.md.

`--write` runs the judges (`tests/clients/test_clients_judged_real.py`, and beside it the logins that programs begin by
themselves; they have to be installed, see `.ci/clients.sh`) and writes the page with the commit and the day. `--from
FILE` takes the results of a run that had AUTHWIZARD_CI_JUDGED=FILE. Without either the page is printed as far as the
modules go.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.judging import VARIANTS  # noqa: E402  # the repository is no package

from wizard import clients  # noqa: E402  # likewise
from wizard.clients import choosing, places  # noqa: E402  # likewise
from wizard.clients.model import Client  # noqa: E402  # likewise
from wizard.entries import OwnLogin, RemotePlan, slots  # noqa: E402  # likewise

PAGE: Final = ROOT / "docs" / "clients.md"
_SYSTEMS: Final = (("linux", "Linux"), ("darwin", "macOS"), ("win32", "Windows"))
_JUDGED: Final = {
    "run": "the program itself: what a server received",
    "parsed": "the program's own reading of the file",
    "form": "its documentation, schema or source alone; the program does not run on our machines",
}
Result = Mapping[str, Any]


def results(place: str) -> list[Result]:
    """What the judges said: of each entry the client, the program's version, the variant, the way and the file; of each
    login by itself the client, the version, and by which client id."""
    if place:
        return [json.loads(line) for line in Path(place).read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "judged"
        told.touch()
        tests = [
            "-q",
            "-m",
            "real",
            "tests/clients",
            "-k",
            "test_clients_judged_real or the_login_that_it_begins",
        ]
        environment = {**os.environ, "AUTHWIZARD_CI_JUDGED": str(told), "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *tests], cwd=ROOT, env=environment, check=False
        )
        if done.returncode:
            raise SystemExit("A judge refused: the page is not written.")
        return results(str(told))


def page(found: Sequence[Result], measured: str) -> str:
    """The whole page."""
    lines = [
        "# The clients",
        "",
        f"Written by `benchmarks/clients.py --write`{measured}; do not edit by hand.",
        "",
        "| Client | id | Judged by | A secret comes by | Logs in by itself |",
        "|---|---|---|---|---|",
        *(_row(client, found) for client in clients.every()),
        "",
        "What is called judged by the program was written by this program, read by that one, and seen at a server on"
        " loopback: the number is that of the entries (sorts of server, ways of finding the secret, files). A login"
        " that was seen was begun by the program itself, at an authorization server on loopback.",
        "",
        "The ways: `helper` (the client asks authwizard, or starts the server through it), `prompt` (the client asks"
        " the person), `env` (a variable), `file` (a file for its owner alone), `inline` (the value stands in the"
        " config).",
        "",
    ]
    for client in clients.every():
        lines += _section(client, [r for r in found if r["client"] == client.id])
    return "\n".join(lines).rstrip() + "\n"


def _row(client: Client, found: Sequence[Result]) -> str:
    judged = [r for r in found if r["client"] == client.id and "variant" in r]
    versions = ", ".join(sorted({str(r["version"]) for r in judged}))
    by = (
        f"{versions}: {len(judged)} entries"
        if judged
        else {"run": "its own tests"}.get(client.judge, "its form")
    )
    cells = (client.title, f"`{client.id}`", by, _ways(client), _login_of(client, found))
    return f"| {' | '.join(cells)} |"


def _login_of(client: Client, found: Sequence[Result]) -> str:
    if not client.logs_in:
        return "no"
    return "yes, seen" if any(r["client"] == client.id and "login" in r for r in found) else "yes"


def _ways(client: Client) -> str:
    """Of a remote server with a token."""
    plan = VARIANTS[1].plan("https://a.test/mcp", ("program",))
    return ", ".join(f"`{way}`" for way in choosing.ways_of(client, plan)) or "none"


def _section(client: Client, judged: Sequence[Result]) -> list[str]:
    lines = [f"## {client.title}", "", f"Judged by {_JUDGED[client.judge]}.", ""]
    lines += [f"- {what}: {where}" for what, where in _files(client)]
    if client.logs_in and choosing.ways_of(client, _login())[:1] == ("oauth",):
        lines.append(f"- Its own login: {client.logs_in.format(name='NAME')}")
    if logins := sorted({r["login"] for r in judged if "login" in r}):
        says = {"own": "with a client id of its entry", "registered": "with one that it registers"}
        lines.append(
            f"- Its authorize request was seen, and is right, {' and '.join(says[n] for n in logins)}."
        )
    judged = [r for r in judged if "variant" in r]
    lines += [f"- Cannot: {_small(what)} Instead: {instead}" for what, instead in client.cannot]
    if judged:
        lines += ["", "| Sort | Ways that arrived |", "|---|---|"]
        lines += [
            f"| {variant.id} | {_arrived([r for r in judged if r['variant'] == variant.id])} |"
            for variant in VARIANTS
            if any(r["variant"] == variant.id for r in judged)
        ]
    return [*lines, ""]


def _arrived(judged: Iterable[Result]) -> str:
    ways = dict.fromkeys(f"`{r['way']}`{' (by mcp-remote)' if r['bridge'] else ''}" for r in judged)
    return ", ".join(ways)


def _files(client: Client) -> list[tuple[str, str]]:
    held = getattr(client, "places", None)
    if not isinstance(held, places.Places):
        return [("File", "named with `--path`, or text to copy")]
    found: dict[str, list[str]] = {}
    for platform, title in _SYSTEMS:
        paths = places.own(held, platform, Path("/~"), {})
        shown = " or ".join(f"`{str(PurePosixPath(p)).removeprefix('/')}`" for p in paths)
        found.setdefault(shown, []).append(title)
    own = [(f"Your file ({', '.join(titles)})", shown) for shown, titles in found.items() if shown]
    if held.variable:
        own.append(("Or in the folder of the variable", f"`{held.variable}`"))
    project = [("The project's file", " or ".join(f"`{p}`" for p in held.project))] if held.project else []
    return [*own, *project] or [("File", "text to copy")]


def _login() -> RemotePlan:
    plan = RemotePlan("name", "https://a.test/mcp", login=OwnLogin())
    assert not slots(plan)
    return plan


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def main() -> int:
    """Print or write the page."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--write", action="store_true")
    options.add_argument("--from", dest="place", default="")
    options.add_argument("--on", default="HEAD", help="the commit that was judged, with --from")
    given = options.parse_args()
    found = results(given.place) if given.place or given.write else []
    commit = subprocess.run(
        ["git", "rev-parse", "--short", given.on], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    text = page(
        found, f"; the programs judged commit {commit} on {datetime.now(UTC):%Y-%m-%d}" if found else ""
    )
    if given.write:
        PAGE.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
