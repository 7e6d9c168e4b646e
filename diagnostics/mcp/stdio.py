"""MCP over standard input and output: a command is started, asked, and ended with all that it started."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from diagnostics import answers
from wizard import children
from wizard.clients import bridge
from wizard.pasting import pasted
from wizard.redaction import tells_a_secret
from wizard.telling import secrets_among

from . import messages
from .mailbox import Mailbox
from .messages import McpError, Message

if TYPE_CHECKING:
    from wizard.entries import Stdio
    from wizard.transport import Transport

_LINE: Final = 10_000_000
_STDERR: Final = 4096
_PATIENCE: Final = 1.0
_LOOK: Final = 0.02
_FETCH: Final = 60.0
_GENTLE: Final = 5.0
_TELLING: Final = re.compile(r"(?i)\b\w*error\b|\bERR!")
_IDLE: Final = re.compile(r"^\s*at |A complete log of this run|Node\.js v")


class StdioChannel:
    """One started server; `open` first, `close` last."""

    wire: Final = "stdio"

    def __init__(self, entry: Stdio, transport: Transport, timeout: float) -> None:
        self._entry = entry
        self._transport = transport
        self._timeout = timeout
        self._mail = Mailbox()
        self._process: asyncio.subprocess.Process | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._stderr = b""
        self._garbage: list[str] = []
        # npx fetches the bridge the first time, and what is stopped half-way spoils its cache for the next time
        self._fetching = bridge.read(entry) is not None
        secret = [v for name, v in entry.env.items() if tells_a_secret(name) or not transport.shows(v)]
        transport.know(*secret, *secrets_among(entry.command))

    @property
    def name(self) -> str:
        """The program's name, to be shown."""
        return Path(self._entry.command[0]).name if self._entry.command else ""

    @property
    def notes(self) -> tuple[str, ...]:
        """What was odd, though it works."""
        if not self._garbage:
            return ()
        return (f"It also writes what is no MCP message to standard output: {self._garbage[0]}",)

    def stderr(self) -> str:
        """The end of what it wrote to standard error, without the entry's secrets."""
        return self._transport.redact(self._stderr.decode("utf-8", "replace"))

    async def open(self) -> Message:
        """Start the command and initialize. Raises: McpError."""
        await self._start()
        first = max(self._timeout, _FETCH) if self._fetching else None
        result = await self.ask("initialize", messages.initialize_params(), timeout=first)
        self._fetching = False
        await self._write({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return result

    async def ask(
        self, method: str, params: Mapping[str, object] | None = None, *, timeout: float | None = None
    ) -> Message:
        """The result of one request, within ``timeout`` seconds (None: those of every answer). Raises: McpError."""
        waits = self._timeout if timeout is None else timeout
        number = self._mail.number()
        self._mail.expect(number)
        try:
            await self._write(messages.request(number, method, params))
            return messages.result_of(await self._mail.answer(number, waits))
        except McpError as failure:
            if failure.id == "no-answer":
                raise self._silent(waits) from failure
            raise
        finally:
            self._mail.forget(number)

    async def close(self) -> None:
        """End the command and everything in its process group."""
        process = self._process
        if process is None:
            return
        try:
            if process.stdin is not None:
                process.stdin.close()
            patience = _GENTLE if self._fetching else _PATIENCE
            if process.returncode is None and self._fetching:
                with suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), patience)
            if process.returncode is None:
                self._signal(signal.SIGTERM)
                with suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), patience)
        finally:
            # Children may outlive their parent: the group is ended whatever the parent did.
            self._signal(getattr(signal, "SIGKILL", signal.SIGTERM))
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            # A child that left the group may still hold the pipes, and asyncio's wait() is for them too: let go of
            # them first (there is no public way), and do not wait for ever.
            getattr(process, "_transport").close()  # noqa: B009
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), _PATIENCE)

    def _signal(self, number: int) -> None:
        process = self._process
        if process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                process.terminate()
            else:
                os.killpg(process.pid, number)

    async def _start(self) -> None:
        entry = self._entry
        if not entry.command or not entry.command[0]:
            raise McpError("no-command", "The entry names no command to start.")
        env = children.environment({name: value.reveal() for name, value in entry.env.items()})
        try:
            self._process = await asyncio.create_subprocess_exec(
                *entry.command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=env,
                cwd=entry.cwd,
                limit=_LINE,
                start_new_session=True,
            )
        except (OSError, ValueError) as failure:
            raise self._not_started(failure) from None
        self._tasks = [asyncio.create_task(self._read_stderr()), asyncio.create_task(self._read_stdout())]
        self._tasks.append(asyncio.create_task(self._watch(set(self._tasks))))

    def _not_started(self, failure: Exception) -> McpError:
        command = answers.clean(self._entry.command[0], 120)
        if self._entry.cwd and not Path(self._entry.cwd).is_dir():
            return McpError("no-folder", f"The folder {answers.clean(self._entry.cwd)} does not exist.")
        if isinstance(failure, FileNotFoundError):
            return McpError(
                "command-not-found",
                f"The command {command} was not found.",
                "It is neither a file nor on the PATH of this shell.",
                [f"Install {command}, or give its full path in the entry."],
            )
        if isinstance(failure, PermissionError):
            return McpError(
                "command-not-executable",
                f"The command {command} may not be run.",
                "The system refused to execute it.",
                [f"Make it executable: chmod +x {pasted(command)}"],
            )
        if isinstance(failure, ValueError):
            return McpError(
                "command-not-startable",
                f"The command {command} cannot be started with this environment.",
                "A variable or an argument holds a NUL character, or a name holds an equals sign.",
            )
        why = getattr(failure, "strerror", "") or type(failure).__name__
        return McpError("command-not-startable", f"The command {command} could not be started.", why)

    async def _write(self, message: Message) -> None:
        process = self._process
        assert process is not None and process.stdin is not None  # noqa: S101  # open() comes first
        # A dead child's pipe fails here; why it died is what its reader says.
        with suppress(ConnectionError, RuntimeError):
            process.stdin.write(messages.encode(message) + b"\n")
            await process.stdin.drain()

    async def _read_stdout(self) -> None:
        process = self._process
        assert process is not None and process.stdout is not None  # noqa: S101  # started
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:
                self._mail.fail(
                    McpError(
                        "too-large",
                        f"{self.name} wrote a line that is too long.",
                        f"More than {_LINE // 1_000_000} MB came without a line feed.",
                    )
                )
                return
            if not line:
                return
            await self._take(line)

    async def _watch(self, reading: set[asyncio.Task[None]]) -> None:
        """Say that no more will come: it ended, though a child of its own may hold the pipes open for ever; or it
        closed its standard output."""
        process = self._process
        assert process is not None  # noqa: S101  # started
        _, output = self._tasks[:2]
        while process.returncode is None and not output.done():  # noqa: ASYNC110  # asyncio's wait() needs the pipes
            await asyncio.sleep(_LOOK)
        # What it wrote last may still be on its way.
        await asyncio.wait(reading, timeout=_PATIENCE)
        self._mail.fail(self._ended(process.returncode))

    async def _take(self, line: bytes) -> None:
        found = messages.decode(line)
        if not found and line.strip() and len(self._garbage) < 3:
            self._garbage.append(answers.clean(self._transport.redact(line.decode("utf-8", "replace")), 120))
        for message in found:
            back = self._mail.deliver(message)
            if back is not None:
                await self._write(back)

    async def _read_stderr(self) -> None:
        process = self._process
        assert process is not None and process.stderr is not None  # noqa: S101  # started
        while piece := await process.stderr.read(4096):
            self._stderr = (self._stderr + piece)[-_STDERR:]

    def _last_words(self) -> str:
        """The last line that speaks of an error, else the last one."""
        lines = [line for line in self.stderr().splitlines() if line.strip()]
        told = [line for line in lines if not _IDLE.search(line)] or lines
        telling = [line for line in told if _TELLING.search(line)] or told
        return answers.clean(telling[-1]) if telling else ""

    def _ended(self, code: int | None) -> McpError:
        how = "It closed its standard output"
        if code is not None:
            how = f"It ended with code {code}" if code >= 0 else f"It was ended by signal {-code}"
        words = self._last_words()
        detail = f"{how}. Its last words: {words}" if words else f"{how} and wrote nothing to standard error."
        if self._garbage:
            detail += f" On standard output it wrote: {self._garbage[0]}"
        return McpError(
            "command-ended",
            f"{self.name} ended before it answered.",
            detail,
            ["Run the same command in a shell to see all that it says."],
        )

    def _silent(self, seconds: float) -> McpError:
        waited = f"{seconds:g} seconds were waited."
        if self._garbage:
            return McpError(
                "garbage-on-stdout",
                f"{self.name} writes to standard output what is no MCP message.",
                f"It wrote: {self._garbage[0]} {waited}",
                [
                    "A stdio server must write its logs to standard error, and only messages to standard output."
                ],
            )
        words = self._last_words()
        return McpError(
            "no-answer",
            f"{self.name} was started and does not answer.",
            f"{waited} Its last words: {words}" if words else waited,
            ["Check that it is an MCP server that speaks over standard input and output."],
        )
