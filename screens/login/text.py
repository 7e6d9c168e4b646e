"""What is said of a login: what to do now, the requests of its steps, the scopes that it was granted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from wizard.browsing import page
from wizard.oauth.person import BROWSER, Ask

from ..widgets.rows import Row, row
from ..words import mark, mark_of, one_line, say, shortened

if TYPE_CHECKING:
    from wizard.exchange import Exchange
    from wizard.livetest import Step
    from wizard.oauth.model import Login

DO: Final = {"browser": "Log in in your browser", "device": "Log in on any device, by a code"}
_CODE: Final = 40
_PATH: Final = 30
_SCOPES: Final = 200
_HIDDEN: Final = "The server names a login page that is no address of the web. It is not shown."


def awaited(ask: Ask) -> str:
    """What the person has to do now, as a step says it."""
    return "complete the login in your browser" if ask.kind == BROWSER else "type the code at the page"


def address(ask: Ask) -> str:
    """The page as it may be shown and copied; empty for one that is no address of the web."""
    return page(ask.url)


def scanned(ask: Ask) -> str:
    """The page for another device: the one that holds the code already, where there is one."""
    return page(ask.complete) or page(ask.url)


def user_code(ask: Ask) -> str:
    """The code to type, on one line and no longer than a code can be."""
    return shortened(one_line(" ".join(ask.code.split())), _CODE)


def left(seconds: float) -> str:
    """A time to come, as a clock says it."""
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02d} left"


def before(ask: Ask) -> list[Row]:
    """What stands before the address."""
    if not address(ask):
        return [row(_HIDDEN, prefix=mark_of("broken"))]
    if ask.kind != BROWSER:
        return [row("Open this page on any device (c copies it), and type the code there.")]
    if ask.opened:
        return [row("A browser has opened. If not: c copies this address, o opens it again.")]
    return [row("No browser opens here. c copies this address; open it in any browser.")]


def after(ask: Ask) -> list[Row]:
    """What stands behind it: for where it does not go on."""
    rows: list[Row] = []
    if ask.more:
        scopes = shortened(one_line(" ".join(ask.more)), _SCOPES)
        rows.append(row(f"The server asks for more than was chosen: {scopes}", prefix=mark_of("warning")))
    for line in ask.advice:
        said, is_command, command = one_line(line).partition(": ssh ")
        rows.append(row(f"{said}:" if is_command else said))
        if is_command:
            rows.append(row(f"ssh {command}", "bold", indent=2))
    also = ["q shows a QR code."]
    if ask.kind == BROWSER:
        also.insert(
            0, "If the browser ends at a page that it cannot open: paste that page's whole address (p)."
        )
        also.append("t takes another port.")
    if ask.instead:
        also.append(
            "v logs in by a code instead." if ask.kind == BROWSER else "v logs in in a browser instead."
        )
    return [*rows, row(" ".join(also), "$muted")]


def exchanged(step: Step) -> str:
    """The requests of a step and how each was answered, a line for each: ``GET /mcp 401``; alike ones are counted."""
    told = []
    for said, same in groupby(_short(e) for e in step.exchanges):
        number = len(list(same))
        told.append(said if number == 1 else f"{said} (x{number})")
    return "\n".join(told)


def _short(exchange: Exchange) -> str:
    path = one_line(urlsplit(exchange.url).path or "/")
    if len(path) > _PATH:
        # the end of a path tells more than its beginning
        kept = path[-_PATH:]
        path = say("…") + kept[max(kept.find("/"), 0) :]
    return f"{exchange.method} {path} {exchange.error or exchange.status}"


def scope_rows(login: Login) -> list[Row]:
    """What was granted beside what was asked for; what is missing, and what that means."""
    from wizard.oauth import granted

    told = granted.beside_asked(login)
    if not told:
        return [row("No scope was asked for, and none was named.", "$muted", prefix=mark_of("untested"))]

    def named(state: str) -> list[str]:
        return [one_line(s.name) for s in told if s.state == state]

    rows: list[Row] = []
    if have := named(granted.GRANTED):
        asked = "as asked for" if len(have) == len(login.asked) else f"of {len(login.asked)} asked for"
        rows.append(row(f"granted, {asked}: {' '.join(have)}", prefix=mark_of("works")))
    rows += [
        row(f"{one_line(s.name)} was asked for and not granted. {s.means}", prefix=mark_of("warning"))
        for s in told
        if s.state == granted.MISSING
    ]
    if more := named(granted.MORE):
        says = "granted besides" if login.asked else "granted, without being asked for by name"
        rows.append(row(f"{says}: {' '.join(more)}", "$muted", prefix=mark_of("untested")))
    return rows


def in_order(steps: Iterable[Step]) -> list[Step]:
    """Those of a login first, in their order, then the others as they are."""
    from wizard.oauth.walk import TITLES

    order = {id: number for number, id in enumerate(TITLES)}
    return sorted(steps, key=lambda s: order.get(s.id, len(order)))


def cut_off(steps: Mapping[str, Step]) -> dict[str, Step]:
    """The steps as they are once what ran was cancelled: none of them runs on."""
    return {
        id: replace(s, expected="", seen="cancelled") if s.ok is None and not (s.seen or s.detail) else s
        for id, s in steps.items()
    }


def step_rows(steps: Iterable[Step]) -> list[Row]:
    """The steps of a login as rows: the mark, what was seen, the requests."""
    from textual.content import Content

    from ..words import plain

    rows = []
    for step in in_order(steps):
        running = step.ok is None and bool(step.awaited)
        state = {True: "works", False: "broken", None: "running" if running else "untested"}[step.ok]
        seen = step.awaited or step.seen
        lines = [Content.assemble(plain(one_line(step.title), "bold"), "  ", plain(one_line(seen)))]
        if step.detail and step.ok is not True:
            lines.append(plain(one_line(step.detail), "$muted"))
        if sent := exchanged(step):
            lines.append(plain(sent, "$muted"))
        rows.append(Row(Content("\n").join(lines), Content.assemble(mark(state, word=False), " ")))
    return rows
