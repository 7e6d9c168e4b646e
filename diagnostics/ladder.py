"""The live connection test: from the address to a called tool, step by step, each with expected and seen.

What does not depend on one another is asked side by side. Nothing is changed on the server, and a tool is called
only where the caller asks for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import urljoin

from wizard.entries import Remote
from wizard.livetest import Finding, LiveTestReport, Step
from wizard.oauth.person import Person
from wizard.oauth.registration import Clients
from wizard.transport import Reply, Transport

from . import refusals
from .counterfeit import counterfeit
from .mcp import ToolInfo
from .sending import Sent, credential_of, hider, live, own_hider, without_credential
from .steps import credentials, permissions, program_login, token_request
from .steps.aim import aim, find_out
from .steps.ask import Taken, ask_api, ask_mcp, judge, no_detour
from .steps.log import Log
from .steps.login import Renewal
from .steps.plan import MCP, plan
from .steps.reach import reach
from .steps.session import AFTER, session
from .target import Target

Call = tuple[str, Mapping[str, object]]
Finder = Callable[[Target, LiveTestReport, token_request.TokenRequest | None], Awaitable[Finding | None]]

_ANSWER: Final = 15.0


async def run(
    target: Target,
    transport: Transport,
    *,
    call: Call | None = None,
    on_step: Callable[[Step], None] | None = None,
    find: Finder | None = None,
    budget: float | None = None,
    person: Person | None = None,
    clients: Clients | None = None,
) -> LiveTestReport:
    """Test the target. Failures are steps of the report, never raised.

    ``on_step`` gets each step as it finishes (not in order), and the person those of a login; one who hears by
    ``on_step`` itself hears them once. ``find`` names the cause where a step failed; it is given
    how the token was asked for, where one was. ``budget`` is the whole test's time in seconds; what is not finished
    then says so. ``person`` is who may have to log in; then a target without a method and a credential is logged in to
    as its server's metadata says. ``clients`` keeps what is registered for it; None for the length of this test.
    """
    ladder = _Ladder(target, transport, call, on_step, Renewal(transport, person, clients))
    try:
        async with asyncio.timeout(budget):
            if await ladder.aim():
                await ladder.climb()
    except TimeoutError:
        ladder.out_of_time(budget or 0.0)
    report = ladder.report()
    if find is None or report.ok:
        return report
    return replace(report, finding=await find(target, report, ladder.asked))


def planned(target: Target, call: Call | None = None) -> tuple[Step, ...]:
    """The steps that a test of this target will have, none run yet (a screen shows them waiting)."""
    from .steps.log import TITLES

    return tuple(Step(id, TITLES[id], None) for id in plan(target, call))


class _Ladder:
    def __init__(
        self,
        target: Target,
        transport: Transport,
        call: Call | None,
        on_step: Callable[[Step], None] | None,
        renewal: Renewal,
    ) -> None:
        self.transport = transport
        self.call = call
        self.live = target.live
        self.log = Log(plan(target, call), on_step)
        self.timeout = min(_ANSWER, transport.timeout)
        self.tools: tuple[ToolInfo, ...] = ()
        self.granted: tuple[str, ...] | None = None
        self.told: tuple[str, ...] | None = None
        self.taken: Taken | None = None
        self.silent = False
        self.unchecked = ""
        self.first = len(transport.exchanges)
        self.asked: token_request.TokenRequest | None = None
        self.renewal = renewal
        renewal.tell(self.log, on_step)
        self.alone: Taken | None = None
        self._take(target)

    def _take(self, target: Target) -> None:
        self.target = target
        self.log.hide, self.log.own = hider(target), own_hider(target)
        self.sent = live(target)
        credential = credential_of(target, self.sent)
        self.sends = bool(credential)
        self.without = without_credential(target, self.sent)
        self.false = credential.map(counterfeit).over(self.without)
        kind = target.method.kind if target.method else ""
        self.wanted_open = not self.sends and (kind == "none" or self.live.requires_auth is False)
        self.transport.show(*target.settings.values())
        self.transport.know(*target.secrets.values(), *credential.values())
        if target.credential is not None:
            self.transport.know(target.credential)

    async def aim(self) -> bool:
        """Get the access token where one is due; False where there is none, and then all the rest waits for it."""
        asked, self.alone = await aim(self.target, self.transport, self.renewal, self.timeout)
        self.asked = asked
        if asked is None:
            return True
        token_request.say(self.log, asked)
        if not asked.given:
            if isinstance(self.target.entry, Remote):
                await self._network(self._without_token)
            self.log.wait("an access token", *self.log.planned)
            return False
        self._hold(asked)
        return True

    async def _without_token(self) -> None:
        """What can be seen of a server that no token was had for."""
        entry, speaks = self.target.entry, self.target.speaks
        await self._health()
        without = self.alone
        if without is None and isinstance(entry, Remote) and speaks == "mcp":
            without = await ask_mcp(self.transport, entry, self.without, self.timeout)
        elif without is None and speaks == "api":
            without = await ask_api(self.transport, self.target.url, self.without, self.live)
        if without is not None:
            credentials.no_credential(self.log, without, wanted_open=False, requires=self.live.requires_auth)

    def _hold(self, asked: token_request.TokenRequest) -> None:
        self.asked = asked
        self.told = asked.login.scopes if asked.login else asked.granted.scopes if asked.granted else None
        self._take(asked.target)

    async def climb(self) -> None:
        """All steps. The command of a stdio entry needs no network of ours, so it does not wait for it."""
        if isinstance(self.target.entry, Remote):
            await self._network(self._remote)
        else:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._network(self._checks))
                group.create_task(self._mcp(says_credential=False))
        self._last()

    def _last(self) -> None:
        asked: tuple[str, ...] = ()
        step = self.log.get("credential")
        if step is not None and self.taken is not None:
            asked = refusals.needed(self.taken.reply, self.live) if self.taken.reply else ()
        said = (self.granted, self.told)
        granted = next((s for s in said if s is not None), permissions.from_token(self.target))
        granted = permissions.with_groups(self.target, granted)
        self.granted = granted
        if step is not None and step.ok is False and not asked and granted is None:
            self.log.wait(step.title, "scopes")
        permissions.scopes(self.log, self.target, granted, asked)
        if self.target.url:
            own = self.taken.reply.number if self.taken and self.taken.reply else 0
            permissions.rate_limit(self.log, self.transport.exchanges[self.first :], own)

    async def _network(self, then: Callable[[], Awaitable[None]]) -> None:
        url = self.target.url
        if not url:
            return
        await reach(self.log, url, self.transport.ca)
        if bad := self.log.failed("connect", "tls"):
            remote = isinstance(self.target.entry, Remote)
            waits = ("health", "no-credential", "credential", "false-credential", "rate-limit")
            self.log.wait(bad, *waits, *((*MCP, "scopes") if remote else ()))
            return
        await then()

    async def _remote(self) -> None:
        speaks = self.target.speaks
        first: Reply | Taken | None = None
        if not speaks:
            speaks, first = await find_out(self.target, self.transport, self.sent)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._health())
            if speaks == "mcp":
                group.create_task(self._mcp_differential())
            else:
                group.create_task(self._api_differential(self.target.url, first))
        if speaks != "mcp" and not self.silent:
            seen = "skipped: this is a plain API"
            for id in MCP:
                if id in self.log.planned:
                    self.log.add(id, None, "", seen)

    async def _checks(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._health())
            if self.live.check:
                url = urljoin(self.target.url, self.live.check)
                group.create_task(self._api_differential(url, None))

    async def _health(self) -> None:
        if not self.live.health:
            return
        taken = await ask_api(self.transport, urljoin(self.target.url, self.live.health), Sent())
        detail = taken.detail
        if taken.accepted is False:
            detail = "The service's document says that this needs no credential."
        ok = taken.accepted is True
        self.log.add("health", ok, "200 without a credential", taken.seen, detail, seconds=taken.seconds)

    async def _api_differential(self, url: str, first: Reply | Taken | None) -> None:
        async def real() -> Taken:
            if first is not None:
                return judge(first, live=self.live) if isinstance(first, Reply) else first
            return await ask_api(self.transport, url, self.sent, self.live)

        asks = [ask_api(self.transport, url, self.without, self.live)]
        if self.sends:
            asks += [real(), ask_api(self.transport, url, self.false, self.live)]
        without, *rest = await asyncio.gather(*asks)
        if not rest and not self.wanted_open:
            without = no_detour(without)
            if not without.silent:
                credentials.only_question(self.log, without, requires=self.live.requires_auth)
        if rest:
            self.taken = rest[0]
            credentials.credential(self.log, rest[0], decides=True)
            self._silence(rest[0], "credential")
        self._differential(without, rest[1] if rest else None)
        if rest:
            self.granted = refusals.granted(rest[0].reply, self.live) if rest[0].reply else None

    async def _mcp_differential(self) -> None:
        entry = self.target.entry
        assert isinstance(entry, Remote)  # noqa: S101  # only a remote entry comes here
        if not self.sends:
            if self.wanted_open:
                await self._mcp(says_credential=False)
                self._judge_open()
                return
            without = no_detour(await ask_mcp(self.transport, entry, self.without, self.timeout))
            self._differential(without, None)
            if self.silent:
                return
            if without.accepted is False:
                self.log.wait("a credential", "session", *AFTER)
            else:
                await self._mcp(says_credential=False)
            return
        if self.renewal.made:
            # its issuer gave this token a moment ago, and no stranger came in without one
            without = self.alone or await ask_mcp(self.transport, entry, self.without, self.timeout)
            self._differential(without, None)
            self.log.add("false-credential", None, "401", "not asked: the token was given a moment ago")
            await self._mcp(says_credential=True)
            return
        without, false, _ = await asyncio.gather(
            ask_mcp(self.transport, entry, self.without, self.timeout),
            ask_mcp(self.transport, entry, self.false, self.timeout),
            self._mcp(says_credential=True),
        )
        self._differential(without, false)

    def _judge_open(self) -> None:
        taken = self.taken or Taken(None, "no answer")
        credentials.no_credential(self.log, taken, wanted_open=True, requires=self.live.requires_auth)

    def _differential(self, without: Taken, false: Taken | None) -> None:
        requires = self.live.requires_auth
        if without.silent and not self.sends and not self.wanted_open:
            credentials.no_answer(self.log, without)
        credentials.no_credential(self.log, without, wanted_open=self.wanted_open, requires=requires)
        if false is not None:
            credentials.false_credential(self.log, false, without=without, requires=requires)
            self.unchecked = credentials.unchecked(without, false)
        elif not self.sends:
            self._silence(without, "no-credential")

    def _silence(self, taken: Taken, id: str) -> None:
        """Where the only useful request got no answer, what comes after this step waits for it."""
        if taken.silent and (title := self.log.failed(id)):
            self.silent = True
            remote = isinstance(self.target.entry, Remote)
            self.log.wait(title, "false-credential", "rate-limit", *((*MCP, "scopes") if remote else ()))

    async def _mcp(self, *, says_credential: bool) -> None:
        while True:
            again = self.renewal.possible(self.asked)
            log = self.log.branch() if again else self.log
            self.tools, taken, refused = await session(
                log,
                self.target,
                self.target.entry,
                self.transport,
                call=self.call,
                timeout=self.timeout,
                says_credential=says_credential,
            )
            renewed = (
                await self.renewal.again(self.asked, refused) if self.asked and again and refused else None
            )
            if renewed is None or not renewed.given:
                self.log.merge(log)
                self.asked = renewed or self.asked
                if self.log.failed("session", "ping", "tools", "call"):
                    self.asked = self.renewal.changed_nothing(self.asked) or self.asked
                break
            self._hold(renewed)
        if isinstance(self.target.entry, Remote):
            self.taken = taken
            await self._ask_for_scopes()
        elif self.granted is None:
            self.granted = program_login.scopes(self.target)

    async def _ask_for_scopes(self) -> None:
        """Of a remote server that tells its grants at an address of its own."""
        says = self.live.scopes_at or self.live.scopes_header
        if says and self.live.check and self.sends:
            url = urljoin(self.target.url, self.live.check)
            taken = await ask_api(self.transport, url, self.sent, self.live)
            self.granted = refusals.granted(taken.reply, self.live) if taken.reply else None

    def out_of_time(self, budget: float) -> None:
        """Say what was waited for when the time ran out."""
        first, *rest = self.log.missing() or ("",)
        if first:
            waits = self.log.awaited.get(first, "") or self.renewal.awaited
            self.log.add(first, False, waits, f"not finished in {budget:g} s", seconds=budget)
            if waits:
                self.asked = self.renewal.late(self.asked, self.target, waits, budget)
        for id in rest:
            self.log.add(id, None, "", f"not finished in {budget:g} s")

    def report(self) -> LiveTestReport:
        """What was found, without the cause."""
        steps = self.log.steps()
        ok = not any(s.ok is False for s in steps) and any(
            s.ok for s in steps if s.id not in ("connect", "tls")
        )
        hide = self.log.hide
        names, granted = (
            tuple(map(hide, said)) for said in ([t.name for t in self.tools], self.granted or ())
        )
        unchecked = self.unchecked if self.sends else ""
        return LiveTestReport(hide(self.target.label), ok, steps, names, granted, unchecked=unchecked)
