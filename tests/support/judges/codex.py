"""Codex: a thread of its app server connects to every server of its files; its strict mode takes the file first."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from ..judging import Bench, installed, printed

_SENT = 'cat "$1"; exec sleep 60'


class Codex:
    """The program from npm; the folder counts as trusted."""

    client = "codex"
    program = "codex"
    projects = True

    def binary(self) -> Path:
        """The program itself, behind the script that chooses it by the system."""
        return next(installed("codex").glob("node_modules/@openai/codex-*/vendor/*/bin/codex"))

    def version(self) -> str:
        """As it says itself."""
        return printed([self.binary(), "--version"]).split()[-1]

    def strict(self, bench: Bench) -> str:
        """What it holds against its files; empty where it takes every member."""
        done = subprocess.run(
            [self.binary(), "app-server", "--strict-config"],
            env={**os.environ, **bench.variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.stderr if done.returncode else ""

    def run(self, bench: Bench) -> str:
        """A thread in the working folder, until its servers are connected."""
        folder = bench.home / ".codex"
        folder.mkdir(exist_ok=True)
        if bench.project:
            trusted = f'[projects."{Path.cwd()}"]\ntrust_level = "trusted"\n'
            (folder / "config.toml").write_text(trusted, encoding="utf-8")
        assert not (wrong := self.strict(bench)), wrong
        asked = bench.home / "asked.jsonl"
        start = {"method": "initialize", "params": {"clientInfo": {"name": "judge", "version": "1"}}}
        messages = (
            {"id": 1, **start},
            {"method": "initialized"},
            {"id": 2, "method": "thread/start", "params": {"cwd": str(Path.cwd())}},
        )
        asked.write_text("".join(json.dumps(m) + "\n" for m in messages), encoding="utf-8")
        pipe = f'sh -c \'{_SENT}\' sent "$2" | "$1" app-server'
        return bench.run(["sh", "-c", pipe, "judge", self.binary(), asked], timeout=60, until=bench.reached)


JUDGE = Codex()
