"""The token screen: what a token says, without showing it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from wizard.errors import AuthwizardError
from wizard.secret import Secret

from .help import HELP, HelpScreen
from .widgets.inputs import SecretLine
from .widgets.keybar import Key, KeyBar
from .widgets.rows import GAP, Row, Rows, numbered, row
from .words import mark_of, one_line, plain

_SOURCE = re.compile(r"(env|file|cmd|keyring):\S")


class TokenScreen(Screen[None]):
    """A masked field, and below it what was decoded."""

    CSS_PATH = "token.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.pop_screen", "Back", show=False),
        Binding("enter", "explain", "Explain", show=False),
        Binding("f1", "help", "Help", show=False),
    ]

    def compose(self) -> ComposeResult:
        yield Static("Token", classes="title", markup=False)
        with VerticalScroll(classes="main", can_focus=False):
            yield Static(
                "Paste a token. It is decoded here, sent nowhere and not shown.", classes="head", markup=False
            )
            yield SecretLine(placeholder="the token, or where it is: env:VARIABLE, file:PATH", id="token")
            yield Rows(id="answer")
        yield KeyBar(
            Key("Esc", "back", "app.pop_screen"),
            Key("F1", "help", "screen.help"),
            Key("Enter", "explain", "screen.explain", main=True),
        )

    def on_mount(self) -> None:
        """Ready to paste."""
        self.query_one("#token").focus()

    def on_input_submitted(self) -> None:
        """Enter explains."""
        self.action_explain()

    def action_explain(self) -> None:
        """Decode what is in the field."""
        self.run_worker(self._explain(), group="token", exclusive=True, description="")

    async def _explain(self) -> None:
        text = self.query_one("#token", SecretLine).value
        answer = self.query_one("#answer", Rows)
        if not text:
            answer.show([row("Paste a token first.")])
            return
        try:
            report = await asyncio.to_thread(_report, text)
        except AuthwizardError as error:
            says = " ".join(part for part in (error.title, error.detail, *error.fix) if part)
            answer.show([row(says, prefix=mark_of("broken"))])
            return
        answer.show(explained(report))
        self.query_one("#token", SecretLine).value = ""

    def action_help(self) -> None:
        """What this screen does."""
        self.app.push_screen(HelpScreen("Token", HELP["token"]))


def _report(text: str) -> Mapping[str, object]:
    from diagnostics import token

    secret = Secret(text)
    if _SOURCE.match(text):
        from wizard import vault

        secret = vault.parse_source(text).read()
    return token.explain(secret).as_json()


def explained(report: Mapping[str, object]) -> list[Row]:
    """The contract's ``token`` answer: what it is, its times in words, what is wrong with it."""
    signature = report.get("signature")
    head = Content.assemble(
        plain(one_line(str(report.get("kind", "token"))), "bold"),
        plain(f"   signature {signature}" if signature else "", "$muted"),
    )
    rows = [row(head), GAP]
    for label, value in _rows(report):
        rows.append(row(one_line(value), prefix=Content.styled(f"{label:<11}", "$muted"), indent=2))
    for state, key in (("broken", "findings"), ("warning", "warnings")):
        items = report.get(key)
        for item in items if isinstance(items, (list, tuple)) else ():
            if isinstance(item, Mapping):
                fix = item.get("fix")
                rows += [GAP, row(str(item.get("title", "")), "bold", prefix=mark_of(state))]
                rows += numbered((str(f) for f in (fix if isinstance(fix, (list, tuple)) else ())), indent=2)
    return rows


def _rows(report: Mapping[str, object]) -> Iterable[tuple[str, str]]:
    header, claims = report.get("header"), report.get("claims")
    if isinstance(header, Mapping) and header.get("alg"):
        yield "algorithm", str(header["alg"])
    for key in ("issuer", "audience"):
        if value := report.get(key):
            yield key, _text(value)
    if isinstance(claims, Mapping) and claims.get("sub"):
        yield "subject", _text(claims["sub"])
    times = report.get("times")
    if isinstance(times, Mapping):
        for key, label in (("issued", "issued"), ("not_before", "not before"), ("expires", "expires")):
            if times.get(key) is not None:
                yield label, str(times[key])
        left = times.get("seconds_left")
        if isinstance(left, (int, float)):
            yield "time left", in_words(left)
    for key in ("scopes", "groups"):
        if value := report.get(key):
            yield key, _text(value)


def _text(value: object) -> str:
    return ", ".join(str(v) for v in value) if isinstance(value, (list, tuple)) else str(value)


def in_words(seconds: float) -> str:
    """A span of time as its two greatest units: ``4 min 12 s``; the past with ``ago``."""
    left = abs(int(seconds))
    units = (("days", 86400), ("h", 3600), ("min", 60), ("s", 1))
    parts: list[str] = []
    for name, size in units:
        count, left = divmod(left, size)
        if count or (parts and len(parts) < 2):
            parts.append(f"{count} {'day' if name == 'days' and count == 1 else name}")
    words = " ".join(parts[:2]) or "0 s"
    return f"ended {words} ago" if seconds < 0 else words
