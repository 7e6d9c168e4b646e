"""The long forms of tests that `.ci/run` shortens: what was run, how often, how it ended, with commit and date.

``python benchmarks/long_forms.py`` writes ``docs/measured/long-forms.md``; nobody types a number there. A checkout with
changes of its own is refused, for its commit would name something else.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PLACE: Final = ROOT / "docs/measured/long-forms.md"
FORMS: Final = {
    "recordings of a browser, whatever they hold": ("400 examples of each", "tests/har/test_har_anything.py"),
    "two programs at once, one refresh": (
        "50 rounds",
        "tests/oauth/test_oauth_kept_commands.py::test_two_programs_at_once_share_one_refresh_and_lose_no_token",
    ),
    "two programs at once, one login and one registration": (
        "50 rounds",
        "tests/oauth/test_oauth_kept_commands.py::test_two_programs_at_once_share_one_login_and_one_registration",
    ),
    "killed while another program's file is written, or taken back": (
        "200 kills of each",
        "tests/export/test_export_killed.py",
    ),
    "made-up tokens, challenges and SAML texts": (
        "1,000,000 examples",
        "tests/tokens/test_tokens_anything.py::test_no_made_up_text_breaks_it",
    ),
}


def git(*words: str) -> str:
    """What git says."""
    return subprocess.run(
        ["git", *words], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def run(test: str) -> tuple[bool, float]:
    """Whether the long form passes, and its seconds."""
    began = time.monotonic()
    words = [sys.executable, "-m", "pytest", "-q", "-m", "slow or not slow", test]
    done = subprocess.run(
        words,
        cwd=ROOT,
        env={**os.environ, "AUTHWIZARD_CI_LONG": "1", "AUTHWIZARD_EXAMPLES": "1000000"},
        capture_output=True,
        check=False,
    )
    return done.returncode == 0, time.monotonic() - began


def main() -> int:
    """Run each, write the table; exit 1 where one failed."""
    if git("status", "--porcelain", "--untracked-files=no"):
        sys.exit("there are changes that no commit names")
    head = f"Commit {git('rev-parse', '--short=12', 'HEAD')}, {datetime.now(UTC):%Y-%m-%d}"
    lines = ["# Long forms", "", f"{head}. Written by `benchmarks/long_forms.py`.", ""]
    lines += ["| what | how often | seconds | ended |", "|---|---|---|---|"]
    good = True
    for what, (often, test) in FORMS.items():
        passed, seconds = run(test)
        good = good and passed
        lines.append(f"| {what} | {often} | {seconds:.0f} | {'passed' if passed else 'FAILED'} |")
        print(lines[-1], flush=True)
    PLACE.parent.mkdir(parents=True, exist_ok=True)
    PLACE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
