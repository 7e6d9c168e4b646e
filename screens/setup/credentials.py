"""Step 3: the credential. What is typed is looked at before anything is sent, and never shown."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from wizard import setup
from wizard.errors import AuthwizardError
from wizard.secret import Secret
from wizard.services import Field
from wizard.setup.draft import Draft, Problem

from ..widgets.inputs import Line, SecretLine
from ..widgets.keybar import Key
from ..widgets.rows import GAP, Row, row
from ..words import mark, one_line, plain, say
from .base import NEXT, Outcome, StepScreen, method_guide
from .prepared import PREPARING, PreparedPart, folds, register_rows
from .work import PRACTICE

_SOURCE: Final = re.compile(r"(env|file|cmd|keyring):\S")


class CredentialsStep(StepScreen):
    """A field for each thing that the method asks for; under each, what was seen in it."""

    CSS_PATH = "credentials.tcss"
    STEP = "credentials"
    MAIN_LABEL = "next: permissions"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t", "practice", "Fill in", show=False, priority=True, id="credentials.practice"),
        Binding("ctrl+l", "list", "List", show=False, priority=True, id="credentials.list"),
        Binding("ctrl+g", "more", "What is optional", show=False, priority=True, id="credentials.more"),
    ]
    LETTERS = False
    AUTO_FOCUS = ""

    def compose_main(self) -> ComposeResult:
        self._offers: dict[str, Secret] = {}
        self._mended: dict[str, tuple[Secret, str]] = {}
        self._wanting: dict[str, str] = {}
        self.draft = self._with_defaults(self.draft)
        fields = setup.fields(self.draft)
        yield Static("With what?", classes="head", markup=False)
        if self._can_fill():
            sentence = (
                "This is a practice service: Ctrl+T fills in its random credential, without showing it."
            )
            yield Static(say(sentence), id="practice", markup=False)
        self._prepared = setup.preparation(self.draft)
        optional = {f.id for f in self._prepared.optional} if self._prepared else set()
        self.set_class(folds(self._prepared, self.draft), "-folded")
        if self._prepared:
            yield PreparedPart(any(f.id not in optional for f in fields))
        for field in sorted(fields, key=lambda f: f.id in optional):
            with Vertical(classes="field optional" if field.id in optional else "field"):
                label = field.title if field.required else f"{field.title} (optional)"
                yield Static(say(label), classes="label", markup=False)
                yield self._input(field)
                yield Static("", id=f"note-{_css(field.id)}", classes="note", markup=False)
        if not fields:
            yield Static("This method asks for nothing. Enter goes on.", markup=False)
        yield Static("", id="kept", markup=False)

    def _input(self, field: Field) -> Line:
        name = f"field-{_css(field.id)}"
        if not field.secret:
            return Line(setup.settings_of(self.draft).get(field.id, ""), placeholder=_example(field), id=name)
        if field.id in self.draft.sources:
            return SecretLine(placeholder="type or paste to replace the reference", id=name)
        if secret := self.draft.secrets.get(field.id):
            return SecretLine(placeholder=f"{secret.hint()}   (type to replace it)", id=name)
        return SecretLine(placeholder="paste it here, or name where it is: env:VARIABLE, file:PATH", id=name)

    def on_mount(self) -> None:
        """The first field that is still empty has the focus; where secrets are kept is looked up beside."""
        fields = setup.fields(self.draft)
        self._show_prepared()
        for field in fields:
            self._note(field, settled=True)
        lacking = {p.field for p in setup.problems(self.draft, self.STEP)}
        chosen = setup.chosen_from_list(self.draft) or (fields[0] if fields else None)
        first = next((f for f in fields if f.id in lacking), chosen)
        if first and self._line(first).focusable:
            self._line(first).focus(scroll_visible=False)
        if self.draft.sources:
            self.query_one("#kept", Static).update(
                plain("It is read there when needed, and not copied.", "$muted")
            )
        elif any(f.secret for f in fields):
            self.run_worker(self._where_kept(), group="store", description="")

    def more_keys(self) -> tuple[Key, ...]:
        fill = (Key("Ctrl+T", "fill in", "screen.practice"),) if self._can_fill() else ()
        listed = setup.chosen_from_list(self.draft)
        more = self._prepared is not None and bool(self._prepared.optional)
        return (
            *fill,
            *((Key("Ctrl+L", "list", "screen.list"),) if listed else ()),
            *(
                (Key("Ctrl+G", "more" if self.has_class("-folded") else "less", "screen.more"),)
                if more
                else ()
            ),
            Key("Tab", "next field"),
        )

    _prepared: setup.Preparation | None = None

    def links(self) -> tuple[tuple[str, str], ...]:
        method, prepared = self.draft.method, self._prepared
        own = ((method.title, method.guide.link),) if method and method.guide.link else ()
        return (*own, (prepared.provider, prepared.link)) if prepared and prepared.link else own

    def action_more(self) -> None:
        """Show what is optional, or take it out of the way."""
        if self._prepared is None or not self._prepared.optional:
            return
        self.toggle_class("-folded")
        self.show_keys()
        self._show_prepared()
        if not self.has_class("-folded"):
            self._line(self._prepared.optional[0]).focus()

    def _show_prepared(self) -> None:
        """What to know before the login, by what stands in the fields."""
        for part in self.query(PreparedPart).results():
            self._prepared = setup.preparation(self.collect()) or self._prepared
            part.show(self._prepared, folded=self.has_class("-folded"))
            self.show_panel(self.guide())
            self.show_keys()

    def guide(self) -> list[Row]:
        if self.draft.method is None:
            return []
        says = "name where it is: env:VARIABLE, file:PATH, cmd:COMMAND. It is then read when needed and not copied."
        registering = register_rows(self._prepared) if self._prepared else []
        return [
            *method_guide(self.draft.method),
            *registering,
            GAP,
            row("Instead of pasting", "bold"),
            row(says),
        ]

    def _with_defaults(self, draft: Draft) -> Draft:
        """A field that usually is a reference begins as one: Fleet's token file, or that of its practice."""
        service, environment = draft.service, draft.environment
        practising = environment is not None and environment.id == PRACTICE
        path = self.work.practice_token_file(service.id) if service and practising else ""
        for name, source in setup.sources_of(draft).items():
            if name not in draft.sources:
                draft = setup.with_source(draft, name, f"file:{path}" if path else source)
        return draft

    def _line(self, field: Field) -> Line:
        return self.query_one(f"#field-{_css(field.id)}", Line)

    def _field_of(self, line: Input) -> Field | None:
        return next((f for f in setup.fields(self.draft) if f"field-{_css(f.id)}" == line.id), None)

    def _can_fill(self) -> bool:
        d = self.draft
        if d.service is None or d.environment is None or d.environment.id != PRACTICE:
            return False
        asked = [f for f in setup.fields(d) if f.id not in d.sources]
        return any(self.work.practice_credential(d.service.id, f.id) for f in asked)

    def _note(self, field: Field, *, settled: bool) -> None:
        """Say what stands in a field; an empty note takes no room."""
        note = self.query_one(f"#note-{_css(field.id)}", Static)
        says = self._noted(field, settled=settled)
        note.update(says)
        note.display = bool(says.plain)

    def _noted(self, field: Field, *, settled: bool) -> Content:
        """A fault with its mended form, a hint, or what belongs there."""
        from wizard import paste

        text = self._line(field).value
        self._offers.pop(field.id, None)
        if not text:
            return self._empty_note(field)
        if field.secret and _SOURCE.match(text):
            return Content.assemble(mark("works", word=False), " ", plain(f"a reference: {one_line(text)}"))
        issues = [i for i in paste.look(text, field) if settled or i.severity == "wrong"]
        if not issues:
            hint = Secret(text).hint() if field.secret else ""
            right, was = self._mended.get(field.id, (Secret(""), ""))
            says = f"Mended. {was}  {hint}".strip() if right and right == Secret(text) else hint
            if field.choices and not says:
                return plain("Ctrl+L lists what there is.", "$muted")
            return Content.assemble(mark("works", word=False), " ", plain(says)) if says else Content("")
        lines = [Content.assemble(mark("warning", word=False), " ", plain(i.says)) for i in issues[:2]]
        mended = next((i.mended for i in issues if i.mended), None)
        if mended:
            self._offers[field.id] = mended
            self._mended[field.id] = (mended, next(i.says for i in issues if i.mended))
            lines.append(Content.assemble("  ", ("Enter mends it.", "bold $text-accent")))
        return Content("\n").join(lines)

    def _empty_note(self, field: Field) -> Content:
        if source := self.draft.sources.get(field.id):
            return Content.assemble(
                mark("works", word=False), " ", plain(f"a reference: {one_line(self.work.short(source))}")
            )
        if secret := self.draft.secrets.get(field.id):
            return Content.assemble(mark("works", word=False), " ", plain(secret.hint()))
        if who := self._wants(field):
            return Content.assemble(
                mark("warning", word=False), " ", plain(f"{who} wants a credential of its own.")
            )
        says = f"{field.help} Ctrl+L lists what there is.".strip() if field.choices else field.help
        return plain(says, "$muted")

    async def _where_kept(self) -> None:
        try:
            async with asyncio.timeout(5):
                says = _store_sentence(await asyncio.to_thread(self.work.stores))
        except TimeoutError:
            says = "The system's keyring does not answer. Another place can be chosen at the last step."
        except AuthwizardError as error:
            says = error.title
        self.query_one("#kept", Static).update(plain(says, "$muted"))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Look at what is typed, for what is surely wrong."""
        self.say_problem("")
        if field := self._field_of(event.input):
            self._note(field, settled=False)
            if field.id in PREPARING:
                self._show_prepared()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A field is seen with its label and its note."""
        if isinstance(event.widget.parent, Vertical) and event.widget.parent.has_class("field"):
            # after the scrolling that the focus itself brings
            self.call_after_refresh(event.widget.parent.scroll_visible, animate=False, top=False)

    def on_input_blurred(self, event: Input.Blurred) -> None:
        """Left: now also what is only odd."""
        if field := self._field_of(event.input):
            self._note(field, settled=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter takes the mended value where one is offered, else goes on."""
        field = self._field_of(event.input)
        offered = self._offers.get(field.id) if field else None
        if field and offered:
            self._line(field).fill(offered)
            return
        self.action_go()

    def action_practice(self) -> None:
        """Fill in the practice service's own credential."""
        d = self.draft
        if not self._can_fill() or d.service is None:
            return
        for field in setup.fields(d):
            if secret := self.work.practice_credential(d.service.id, field.id):
                self._line(field).fill(secret)

    def action_list(self) -> None:
        """List what the service has for its field, by the credential that stands here."""
        if setup.chosen_from_list(self.draft) is not None:
            self.say_problem(say("Asking the service what it has ..."))
            self.run_worker(self._list(), group="list", exclusive=True, description="")

    async def _list(self) -> None:
        from .pick import Pick, PickScreen

        field = setup.chosen_from_list(self.draft)
        if field is None:
            return
        try:
            async with asyncio.timeout(30):
                draft = await asyncio.to_thread(setup.read_sources, self.collect())
                offers = await setup.offers(draft, field)
        except TimeoutError:
            self.say_problem("The service did not list them within 30 seconds. Type the name.")
            return
        except AuthwizardError as error:
            self.say_problem(" ".join(part for part in (error.title, error.detail, *error.fix) if part))
            return
        self.say_problem("" if offers else "The service lists none. Type the name.")
        if offers:
            picks = [Pick(o.value, o.title, o.note, o.shut) for o in offers]
            start = self._line(field).value
            self._wanting = {o.value: o.title for o in offers if o.asks}
            self.app.push_screen(PickScreen(f"{field.title}: which?", picks, start), self._picked)

    def _picked(self, value: str | None) -> None:
        field, own = setup.chosen_from_list(self.draft), setup.own_secret(self.draft)
        if value is None or field is None:
            return
        line = self._line(field)
        line.value = value
        if own:
            self._note(own, settled=True)
        (self._line(own) if own and self._wants(own) else line).focus()

    def _wants(self, field: Field) -> str:
        """Who wants this field, which is still empty: the one that was chosen from the list."""
        listed, own = setup.chosen_from_list(self.draft), setup.own_secret(self.draft)
        given = self.draft.sources.get(field.id) or self.draft.secrets.get(field.id)
        if listed is None or own != field or given or self._line(field).value:
            return ""
        return self._wanting.get(self._line(listed).value, "")

    def collect(self) -> Draft:
        draft = self.draft
        for field in setup.fields(draft):
            text = self._line(field).value
            if not field.secret:
                if text != setup.settings_of(draft).get(field.id, ""):
                    draft = setup.with_setting(draft, field.id, text)
            elif text and _SOURCE.match(text):
                if draft.sources.get(field.id) != text:
                    draft = setup.with_source(draft, field.id, text)
            elif text:
                draft = setup.with_secret(draft, field.id, Secret(text))
        for part in self.query(PreparedPart).results():
            draft = part.allowed(draft)
        return draft

    def on_option_list_option_selected(self) -> None:
        """Enter among the leniencies goes on."""
        self.action_go()

    def action_go(self) -> None:
        draft = self.collect()
        shown = {field.id for field in setup.fields(self.draft)}
        asked = {field.id for field in setup.fields(draft)}
        found = self.check(draft)
        # what was typed may ask for more: a field for each header that was named
        if here := tuple(p for p in found if p.field in shown or asked == shown):
            self.complain(here)
            return
        if asked != shown:
            self.draft = draft
            self.run_worker(self._anew(), group="read", exclusive=True, description="")
            return
        self.run_worker(self._read(draft), group="read", exclusive=True, description="")

    async def _anew(self) -> None:
        await self.recompose()
        self.on_mount()

    async def _read(self, draft: Draft) -> None:
        """Read the references once: what they yield is looked at as if it had been pasted."""
        try:
            async with asyncio.timeout(30):
                draft = await asyncio.to_thread(setup.read_sources, draft)
        except TimeoutError:
            self.say_problem("The reference yielded nothing within 30 seconds.")
            return
        except AuthwizardError as error:
            self.say_problem(" ".join(part for part in (error.title, error.detail, *error.fix[:1]) if part))
            return
        if found := self.check(draft):
            self.complain(found)
            return
        self.dismiss(Outcome(NEXT, draft))

    def complain(self, found: tuple[Problem, ...]) -> None:  # type: ignore[override]  # always called with a tuple
        if (
            any(p.field in {f.id for f in self._prepared.optional} for p in found)
            if self._prepared
            else False
        ):
            self.set_class(False, "-folded")
        super().complain(Problem(_css(p.field), p.says) for p in found)


def _css(name: str) -> str:
    """A field's id as part of a widget's id."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)


def _example(field: Field) -> str:
    return f"such as {field.examples[0]}" if field.examples else ""


def _store_sentence(stores: Sequence[tuple[str, str, str]]) -> str:
    usable = next((title for _, title, why in stores if not why), "")
    if not usable:
        return "No place to keep it was found; name where it is instead: env:VARIABLE, file:PATH."
    why = next((why for id, _, why in stores if id == "keyring" and why), "")
    return f"Kept in: {usable}. {why}".strip()
