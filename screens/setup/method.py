"""Step 2: how to sign in. What cannot work is in the list with the reason, and cannot be chosen."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static
from textual.widgets.option_list import Option

from wizard import setup
from wizard.methods import kinds
from wizard.services import Method
from wizard.setup.draft import Draft, url_of

from ..widgets.lists import Choice
from ..widgets.rows import Row
from ..words import mark_of, plain, say
from .base import StepScreen, method_guide, service_pages


class MethodStep(StepScreen):
    """A list of methods; the guide beside it is the highlighted one's."""

    CSS_PATH = "method.tcss"
    STEP = "method"
    MAIN_LABEL = "next: credentials"

    def compose_main(self) -> ComposeResult:
        yield Static("How do you sign in?", classes="head", markup=False)
        yield Choice(
            *(self._option(m) for m in self._methods()),
            id="field-method",
            start=self.draft.method.id if self.draft.method else None,
        )

    def on_mount(self) -> None:
        """The list has the focus."""
        self.query_one("#field-method", Choice).focus()
        if self.draft.method is None and self.draft.url and self._login() is not None:
            self.run_worker(self._ask(), group="ask", exclusive=True, description="")

    _asked = False

    def _login(self) -> Method | None:
        """The first way by which a person logs in."""
        ways = (m for m in self._methods() if kinds.get(m.kind).person and not self._reason(m))
        return next(ways, None)

    async def _ask(self) -> None:
        """What the server itself says; a line that was chosen meanwhile stays chosen."""
        service, environment, login = self.draft.service, self.draft.environment, self._login()
        if service is None or environment is None or login is None:
            return
        list_ = self.query_one("#field-method", Choice)
        first = list_.chosen
        if not await self.work.asks_for_login(url_of(self.draft), service.speaks_at(environment)):
            return
        self._asked = True
        list_.fill(
            [self._option(m) for m in self._methods()], login.id if list_.chosen == first else list_.chosen
        )

    def links(self) -> tuple[tuple[str, str], ...]:
        method = self._highlighted() if self.is_mounted else None
        own = ((method.title, method.guide.link),) if method and method.guide.link else ()
        return (*own, *service_pages(self.draft.service))

    def _highlighted(self) -> Method | None:
        chosen = self.query_one("#field-method", Choice).chosen
        return next((m for m in self._methods() if m.id == chosen), None)

    def _methods(self) -> tuple[Method, ...]:
        return self.draft.service.methods_at(self.draft.environment) if self.draft.service else ()

    def _reason(self, method: Method) -> str:
        from wizard import methods

        return method.unavailable or methods.refusal(method, url_of(self.draft))

    def _option(self, method: Method) -> Option:
        reason = self._reason(method)
        title = Content.styled(say(method.title), "bold") if not reason else plain(method.title)
        lines = [title]
        if reason:
            lines.append(Content.assemble(say("✗ "), plain(f"Not possible: {reason}")))
        elif method.meaning:
            lines.append(plain(method.meaning, "$muted"))
        if self._asked and method == self._login():
            lines.append(Content.assemble(mark_of("works"), plain("This server asks for a login.")))
        lines += [plain(f"Needs: {need}", "$muted") for need in method.needs]
        return Option(Content("\n").join([*lines, Content("")]), id=method.id, disabled=bool(reason))

    def guide(self) -> list[Row]:
        first = next((m for m in self._methods() if not self._reason(m)), None)
        shown = self.draft.method or first
        return method_guide(shown) if shown else []

    def on_option_list_option_highlighted(self, event: Choice.OptionHighlighted) -> None:
        """The guide follows the highlight."""
        method = next((m for m in self._methods() if m.id == event.option_id), None)
        if method:
            self.show_panel(method_guide(method))
            self.show_keys()

    def on_option_list_option_selected(self) -> None:
        """Enter goes on."""
        self.action_go()

    def collect(self) -> Draft:
        chosen = self.query_one("#field-method", Choice).chosen
        method = next((m for m in self._methods() if m.id == chosen and not self._reason(m)), None)
        return setup.with_method(self.draft, method) if method else self.draft
