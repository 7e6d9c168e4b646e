"""Step 6: a name, where the secret is kept, which clients; the change is seen before it is written."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from wizard import setup
from wizard.errors import AuthwizardError
from wizard.setup import places
from wizard.setup.draft import ClientChoice, Draft

from ..widgets.inputs import Line
from ..widgets.keybar import Key, KeyBar
from ..widgets.lists import Tick, Ticks
from ..widgets.rows import GAP, Row, Rows, numbered, row
from ..words import mark, mark_of, one_line, plain, say
from .base import ANOTHER, FINISH, SIBLING, Outcome, StepScreen

if TYPE_CHECKING:
    from wizard.change import ExportReport
    from wizard.setup import SetupReport
    from wizard.setup.places import Place

HOW = {
    "oauth": "the client logs in by itself, once more, and keeps its own login (h: another way)",
    "helper": "the client asks authwizard for it when it starts",
    "prompt": "the client asks you for it",
    "env": "the client reads an environment variable",
    "file": "it stands in a file that only you can read",
    "inline": "it stands in the config itself: anyone who reads the file has it",
}


_STYLES = {"+": "$text-success", "-": "$text-error"}


class ActivateStep(StepScreen):
    """Tick clients, see what would be written, write it; then what came of it and what to do next."""

    CSS_PATH = "activate.tcss"
    STEP = "activate"
    MAIN_LABEL = "write"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h", "how", "How the secret is found", show=False, id="activate.how"),
        Binding("k", "store", "Where it is kept", show=False, id="activate.store"),
        Binding("a", "another", "Another environment", show=False, id="activate.another"),
        Binding("s", "sibling", "Another one of its list", show=False, id="activate.sibling"),
    ]

    def compose_main(self) -> ComposeResult:
        self._places: dict[str, Place] = {}
        self._hows: dict[str, str] = {}
        self._shut: dict[str, str] = {}
        self._stores: tuple[tuple[str, str, str], ...] = ()
        self._report: SetupReport | None = None
        self._writing = False
        with Vertical(id="question"):
            yield Static("Call it", classes="label", markup=False)
            yield Line(setup.name_of(self.draft), id="field-name")
            yield Static("Use it in", classes="label", id="clients-label", markup=False)
            yield Ticks(id="clients")
            yield Static("", id="kept", markup=False)
            yield Static("", id="change", markup=False)
        yield Rows(id="result")

    def on_mount(self) -> None:
        """Show the clients; the change and the stores are worked out beside."""
        chosen = {_key(c): c for c in self.draft.clients}
        plan = setup.plan(self.draft)
        offered = self.work.places()
        speaks = setup.choice(self.draft).speaks
        self._shut = {p.id: why for p in offered if (why := places.shut(p, plan, speaks))}
        self._places = {p.id: p for p in sorted(offered, key=lambda p: p.id in self._shut)}
        self._hows = {key: c.how for key, c in chosen.items() if c.how}
        ticked = set(chosen) or set(places.first_choice(offered, plan, speaks))
        clients = self.query_one("#clients", Ticks)
        clients.lines(self._lines(ticked))
        clients.point_at(next((p for p in self._places if p in ticked), None))
        clients.focus()
        self.query_one(KeyBar).show(*self.keys())
        self._preview()
        self.run_worker(self._find_stores(), group="stores", exclusive=True, description="")

    def more_keys(self) -> tuple[Key, ...]:
        if self._report is not None:
            sibling = (Key("s", "another server", "screen.sibling"),) if self._listed() else ()
            return (*sibling, Key("a", "add one", "screen.another"))
        return (Key("Space", "tick"), Key("h", "how", "screen.how"), Key("k", "store", "screen.store"))

    _report: SetupReport | None = None
    _places: dict[str, Place]

    def keys(self) -> tuple[Key, ...]:
        if self._report is not None:
            return (
                Key("Esc", "home", "screen.back"),
                *self.more_keys(),
                Key("F1", "change", "screen.guide"),
                Key("Enter", "done", "screen.go", main=True),
            )
        ticked = len(self.query("#clients")) and len(self.query_one("#clients", Ticks).ticked)
        label = f"write {ticked} {'file' if ticked == 1 else 'files'}" if ticked else "save, write no file"
        back, change = Key("Esc", "back", "screen.back"), Key("F1", "change", "screen.guide")
        return (back, *self.more_keys(), change, Key("Enter", label, "screen.go", main=True))

    def _lines(self, ticked: set[str]) -> list[Tick]:
        lines = []
        for place in self._places.values():
            shut = self._shut.get(place.id, "")
            note = f"  {shut}" if shut else "" if place.found else "  its program was not found"
            label = Content.assemble(one_line(place.title), (note, "$muted"))
            lines.append(Tick(place.id, label, place.id in ticked and not shut, disabled=bool(shut)))
        return lines

    def _place(self) -> Place | None:
        return self._places.get(self.query_one("#clients", Ticks).chosen or "")

    def _choice(self, place: Place) -> ClientChoice:
        return replace(place.choice, how=self._hows.get(place.id) or place.choice.how)

    def collect(self) -> Draft:
        draft = self.draft
        name = self.query_one("#field-name", Line).value.strip()
        if name != setup.name_of(draft):
            draft = setup.with_name(draft, name)
        ticked = self.query_one("#clients", Ticks).ticked
        return setup.with_clients(draft, (self._choice(self._places[t]) for t in ticked if t in self._places))

    def _preview(self) -> None:
        # a coroutine made for a worker that is replaced at once would never be awaited
        self.run_worker(self._show_change, group="change", exclusive=True, description="")  # type: ignore[arg-type]  # its overloads see no result in None

    async def _show_change(self) -> None:
        place = self._place()
        if place is None:
            return
        draft = setup.with_clients(self.collect(), (self._choice(place),))
        line = self.query_one("#change", Static)
        try:
            (change,) = await asyncio.to_thread(setup.previews, draft)
            replaces = await asyncio.to_thread(setup.replaced, draft)
        except AuthwizardError as error:
            says = self.work.short(_refused(error))
            line.update(Content.assemble(mark("broken", word=False), " ", plain(says)))
            self.show_panel([row(says, "$text-warning")])
            return
        where = self.work.short(str(change.path)) if change.path else "shown, not written"
        added = sum(
            1 for row in change.diff.splitlines() if row.startswith("+") and not row.startswith("+++")
        )
        count = f"+{added} lines" if change.changed else "already the same"
        how = HOW.get(change.how, "")
        line.update(
            Content.assemble(
                plain(f"{where}  {count}", "bold"), "\n", plain(f"Secret: {how}." if how else "")
            )
        )
        if replaces:
            self.say_problem(replaces)
        self.show_panel(
            _detail(place.title, f"{where}  {count}", self.work.short(change.diff or change.text or ""), how)
        )

    async def _find_stores(self) -> None:
        try:
            async with asyncio.timeout(5):
                self._stores = await asyncio.to_thread(self.work.stores)
        except TimeoutError:
            self._stores = ()
            self.query_one("#kept", Static).update("The system's keyring does not answer.")
            return
        self._show_store()

    def _show_store(self) -> None:
        keeps_copy = set(setup.secrets_of(self.draft)) - set(setup.sources_of(self.draft))
        references = list(setup.sources_of(self.draft).values())
        chosen = next((s for s in self._stores if s[0] == self.draft.store), None)
        usable = [s for s in self._stores if not s[2]]
        chosen = chosen or (usable[0] if usable else None)
        if references and not self.draft.store:
            says = f"The secret stays where it is: {self.work.short(', '.join(references))}."
        elif not keeps_copy and not references:
            says = "There is no secret to keep."
        elif chosen is None:
            says = "No place to keep the secret was found."
        else:
            says = f"Kept in: {chosen[1]}."
            refused = next((s[2] for s in self._stores if s[2] and s[0] != chosen[0]), "")
            says = f"{says} {refused}".strip()
        self.query_one("#kept", Static).update(plain(says, "$muted"))

    def on_option_list_option_highlighted(self) -> None:
        """The change beside is the highlighted client's."""
        if self._places and self._report is None:
            self._preview()

    def on_ticks_changed(self) -> None:
        """The number of files that would be written."""
        self.query_one(KeyBar).show(*self.keys())

    def on_option_list_option_selected(self) -> None:
        """Enter writes."""
        self.action_go()

    def on_input_changed(self) -> None:
        """Another name is another entry."""
        self.say_problem("")
        if self._places:
            self._preview()

    def on_input_submitted(self) -> None:
        """Enter writes, wherever the focus is: the key bar says so."""
        self.action_go()

    def action_how(self) -> None:
        """The next way for the highlighted client to find the secret."""
        place = self._place()
        if place is None or self._report is not None:
            return
        ways = self.work.ways(place.choice.client, setup.plan(self.draft))
        if not ways:
            return
        now = self._hows.get(place.id, ways[0])
        self._hows[place.id] = ways[(ways.index(now) + 1) % len(ways)] if now in ways else ways[0]
        self._preview()

    def action_store(self) -> None:
        """The next store that can be used."""
        usable = [s[0] for s in self._stores if not s[2]]
        if not usable or self._report is not None:
            return
        now = self.draft.store or usable[0]
        follow = usable[(usable.index(now) + 1) % len(usable)] if now in usable else usable[0]
        self.draft = setup.with_store(self.draft, follow)
        self._show_store()

    def action_go(self) -> None:
        if self._report is not None:
            self.dismiss(Outcome(FINISH, self.draft))
            return
        if self._writing:
            return
        draft = self.collect()
        if found := self.check(draft):
            self.complain(found)
            return
        if clash := setup.taken(draft):
            self.say_problem(clash)
            self.query_one("#field-name", Line).focus()
            return
        self._writing = True
        self.say_problem("")
        self.query_one("#change", Static).update("Writing, reading back and testing what was written ...")
        self.run_worker(self._write(draft), group="write", exclusive=True, description="")

    async def _write(self, draft: Draft) -> None:
        try:
            prover = await asyncio.to_thread(self.work.prover)
            report = await setup.activate(draft, prover)
            await asyncio.to_thread(self.work.finished, draft)
        except AuthwizardError as error:
            self._writing = False
            self.say_problem(_refused(error))
            self._preview()
            return
        self.draft = draft
        self._report = report
        self._writing = False
        self.query_one("#question").display = False
        self.query_one("#result", Rows).show(self._result(report))
        self.query_one("#result").add_class("-shown")
        self.query_one(KeyBar).show(*self.keys())
        self.set_focus(None)

    def _result(self, report: SetupReport) -> list[Row]:
        rows = [row(f"{report.connection} is set up.", "bold", prefix=mark_of("works"))]
        rows += [
            row(f"{kept.field}: {self.work.short(kept.kept_in)}", "$muted", indent=2)
            for kept in report.secrets
        ]
        titles = {_key(p.choice): p.title for p in self._places.values()}
        for choice, exported in zip(self.draft.clients, report.exports, strict=True):
            title = titles.get(_key(choice), choice.client)
            rows += [GAP, *self._exported(title, exported.as_json())]
            rows += numbered(self._acts(choice, exported), indent=4)
        if not report.exports:
            rows += [GAP, row("No client was chosen: `authwizard export` writes one later.")]
        service = self.draft.service.title if self.draft.service else "it"
        rows += [GAP, row(f"Another tenant or environment of {service}? a sets it up beside this one.")]
        if self._listed():
            rows.append(row("Another server behind it? s keeps all the rest."))
        return rows

    def _acts(self, choice: ClientChoice, exported: ExportReport) -> tuple[str, ...]:
        """What comes next: the way to the first tool, or what to do where nothing answered."""
        from wizard import clients

        acts = exported.acts
        for line in (r.line for r in exported.change.references if r.line):
            # whole on a line of its own, it can be copied
            acts = tuple(act.replace(f": {line}", f":\n{line}") for act in acts)
        sentence = self.draft.service.first_sentence if self.draft.service else ""
        if exported.answered is False or not sentence or not clients.speaks_mcp(choice.client):
            return acts
        return (*acts, f"Then type: {sentence}")

    def _listed(self) -> bool:
        return setup.chosen_from_list(self.draft) is not None

    def _exported(self, title: str, answer: dict[str, object]) -> list[Row]:
        proof = answer.get("proof")
        proof = proof if isinstance(proof, dict) else {}
        text, path = answer.get("text"), answer.get("path")
        said = ["written" if answer.get("changed") else "already the same"] if path else ["made"]
        for key, yes, no in (
            ("read_back", "read back", "not as written"),
            ("answered", "answered", "did not answer"),
        ):
            if proof.get(key) is not None:  # None: there was nothing to try
                said.append(yes if proof[key] else no)
        good = False not in (proof.get("read_back"), proof.get("answered"))
        head = Content.assemble(plain(title, "bold"), "  ", ", ".join(said))
        rows = [row(head, prefix=mark_of("works" if good else "broken"), indent=2)]
        if path:
            rows.append(row(self.work.short(str(path)), "$muted", indent=4))
        if text:
            rows += [row(line, indent=4) for line in str(text).splitlines()]
        if good and proof.get("why"):
            rows.append(row(str(proof["why"]), "$muted", indent=4))
        return rows

    def action_back(self) -> None:
        if self._writing:
            self.say_problem(say("What is being written is written whole first."))
            return
        if self._report is not None:
            self.dismiss(Outcome(FINISH, self.draft))
            return
        super().action_back()

    def action_another(self) -> None:
        """The same service again, for another environment or tenant."""
        if self._report is not None:
            self.dismiss(Outcome(ANOTHER, self.draft))

    def action_sibling(self) -> None:
        """The same again for another one of the service's list, such as a server behind a gateway."""
        if self._report is not None and self._listed():
            self.dismiss(Outcome(SIBLING, self.draft))


def _refused(error: AuthwizardError) -> str:
    """A refusal in the words of this screen: where a command line has options, it has keys."""
    steps = [step for step in error.fix if "--" not in step]
    if error.id == "way-not-possible":
        steps.append("h goes on to the next way.")
    return " ".join(part for part in (error.title, error.detail, *steps) if part)


def _key(choice: ClientChoice) -> str:
    return f"{choice.client} {'project' if choice.project else 'own'}"


def _detail(title: str, where: str, diff: str, how: str) -> list[Row]:
    rows = [row(title, "bold"), row(where)]
    if how:
        rows.append(row(f"The secret: {how}."))
    rows.append(GAP)
    for line in diff.splitlines():
        style = (
            "$text-success" if line.startswith("+") else "$text-error" if line.startswith("-") else "$muted"
        )
        rows.append(row(line, style))
    return rows
