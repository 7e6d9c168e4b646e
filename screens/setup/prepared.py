"""What the credentials step says of a login beforehand: what may stay empty, what to register, what to allow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from wizard import setup

from ..widgets.lists import Tick, Ticks
from ..widgets.rows import GAP, Row, Rows, numbered, row
from ..words import mark_of, one_line, plain

if TYPE_CHECKING:
    from wizard.setup import Draft, Preparation

PREPARING: Final = frozenset({"issuer", "redirect_uri"})
"""The fields that change what there is to know."""


class PreparedPart(Vertical):
    """What to know before the login, and the leniencies to choose. ``required`` is whether a field has to be filled."""

    DEFAULT_CSS = """
    PreparedPart, PreparedPart Rows { height: auto; }
    PreparedPart Ticks { margin-bottom: 1; text-wrap: wrap; }
    """

    def __init__(self, required: bool) -> None:
        super().__init__()
        self._required = required
        self._fixed: frozenset[str] = frozenset()

    def compose(self) -> ComposeResult:
        yield Rows(id="prepared")
        yield Ticks(id="allow")

    def show(self, prepared: Preparation | None, *, folded: bool) -> None:
        """Show this from now on."""
        if prepared is None:
            return
        self._fixed = frozenset(x.name for x in prepared.leniencies if x.fixed)
        self.query_one(Rows).show(prepared_rows(prepared, folded=folded, required=self._required))
        ticks = self.query_one(Ticks)
        ticks.lines(allow_lines(prepared))
        ticks.display = bool(prepared.leniencies)

    def allowed(self, draft: Draft) -> Draft:
        """The draft with what is ticked."""
        ticks = self.query_one(Ticks)
        if not ticks.option_count:
            return draft
        return setup.with_allow(draft, [name for name in ticks.ticked if name not in self._fixed])


def folds(prepared: Preparation | None, draft: Draft) -> bool:
    """Whether what is optional stays out of the way: nobody has filled any of it in, and it can be left out."""
    if prepared is None or (prepared.closed and any(f.id == "client_id" for f in prepared.optional)):
        return False
    filled = {*draft.settings, *draft.secrets, *draft.sources}
    return not any(f.id in filled for f in prepared.optional)


def prepared_rows(prepared: Preparation, *, folded: bool, required: bool) -> list[Row]:
    """Above the fields."""
    rows = []
    if prepared.closed:
        says = f"{prepared.provider} lets no program register itself: register a client there, and give its client id."
        rows.append(row(says))
    elif not required:
        says = "Nothing has to be filled in where the server says who gives its tokens, and lets programs register."
        rows.append(row(says))
    if folded and prepared.optional:
        says = "Ctrl+G shows the rest: only if the provider gave you a client id, or anything else."
        rows.append(row(says, "$muted"))
    if prepared.redirect_uri:
        where = (
            "F1 says where to click."
            if prepared.clicks or prepared.closed
            else "It takes no other, however like it is."
        )
        rows.append(
            row(f"The redirect URI of a client that you register yourself is exactly this. {where}", "$muted")
        )
        rows.append(row(one_line(prepared.redirect_uri), "bold", indent=2))
    rows += [row(says, prefix=mark_of("warning")) for says in prepared.warnings]
    if prepared.leniencies:
        rows += [
            GAP,
            row("What this provider is known to do otherwise than the standard. Space allows it.", "$muted"),
        ]
    return [*rows, GAP] if not prepared.leniencies else rows


def allow_lines(prepared: Preparation) -> list[Tick]:
    """The leniencies, off unless somebody turned them on."""
    return [
        Tick(
            x.name,
            Content.assemble(plain(x.name, "bold"), "  ", plain(x.says, "$muted")),
            x.on,
            disabled=x.fixed,
        )
        for x in prepared.leniencies
    ]


def register_rows(prepared: Preparation) -> list[Row]:
    """Where to click to register a client."""
    if not prepared.clicks:
        return []
    return [GAP, row(f"A client at {prepared.provider}", "bold"), *numbered(prepared.clicks)]
