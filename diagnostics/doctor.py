"""The doctor: probes gather facts, rules judge them; the earliest proven cause that explains the symptom is first."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from wizard import outcomes
from wizard.livetest import LIKELY, PROVEN, Finding
from wizard.oauth.problems import OAuthProblem
from wizard.transport import Exchange, Transport

from . import attempts, causes, packs, probes, readying, unsettled
from .allowed import allowed
from .asking import TOOLS_LIST
from .causes.book import LAYERS, NETWORK, Cause, Verdict
from .causes.told import verdict_of
from .diagnosis import Diagnosis
from .engine import Context, Facts, ProbeState, gather, supply
from .examined import Examined, NotExamined
from .facts import Named, Reached, Scopes, Situation, Started
from .facts.cache import KeptStore
from .facts.edge import FollowUps
from .facts.entry import EnvFileValue, Rivals
from .facts.login import LoginTold
from .facts.oauth import TokenAnswer
from .facts.refused import Refusals
from .facts.trail import BrowserTrail
from .facts.way import Way
from .facts.wire import BROKEN_ANSWERS, Differential, Request
from .fingerprint import Seen, changed, of_facts
from .guard import Broke, either, tried
from .har.model import Recording
from .naming import with_names
from .presentable import presentable
from .probes.login import told as login_told
from .reproduce import curl
from .sending import hider, own_hider
from .steps import token_request
from .target import Target
from .watch import Watch

__all__ = ["Diagnosis", "NotExamined", "ProbeState", "diagnose", "judge"]

OnExamined = Callable[[Examined, Callable[[str], str]], None]

ACCEPTED = "accepted"
REFUSED = "refused"
UNREACHED = "unreached"
UNKNOWN = "unknown"


async def diagnose(
    target: Target,
    transport: Transport,
    *,
    on_probe: Callable[[ProbeState], None] | None = None,
    start: bool = False,
    require_scopes: tuple[str, ...] = (),
    require_groups: tuple[str, ...] = (),
    require_roles: tuple[str, ...] = (),
    tool: str = "",
    told: str = "",
    asked: token_request.TokenRequest | None = None,
    on_examined: OnExamined | None = None,
    har: Recording | None = None,
    watch: Watch | None = None,
) -> Diagnosis:
    """Find out what is wrong with a target.

    ``on_probe`` hears of every change of a probe. ``start`` is the person's yes to starting a stdio server's command.
    ``tool`` is one that the person wants to call: it is looked for, and not called; ``told`` what it said where a live
    test has called it and it failed. ``asked`` is how a live test asked for the token: nobody has to log in again.
    ``on_examined`` gets everything that was found out, with what takes secrets out of a text. ``watch`` sees what is
    waited for, and may end it early: then it is judged by what is known so far.
    Never raises for what the network or the server does.
    """
    readying.at_once()
    began = time.monotonic()
    watch = watch or Watch()
    watch.begin(transport)
    transport.show(*target.settings.values())
    transport.know(*target.secrets.values(), *([target.credential] if target.credential else []))
    asked = asked or await token_request.exchange(target, transport)
    target = asked.target if asked else target
    context = Context(
        target, transport, start, require_scopes, asked, tool, told, require_groups, require_roles, har
    )

    def hear(state: ProbeState) -> None:
        watch.probe(state)
        if on_probe is not None:
            on_probe(state)

    facts = await gather(context, probes.every(), hear, readying.while_waiting(target, transport), watch)
    await transport.settled()
    seconds = time.monotonic() - began
    examined = Examined(
        target.label,
        facts,
        transport.exchanges,
        seconds,
        _asked(target),
        target.otherwise,
        bool(target.unread),
        outcomes.worked(target.connection) if target.connection else None,
        watch.said,
    )
    hide, own = hider(target), own_hider(target)
    if on_examined is not None:
        # what servers said was redacted when it was read; in sentences of our own only telling secrets are sought
        on_examined(examined, own)
    return presentable(_concluded(examined), hide, own)


def conclude(examined: Examined) -> Diagnosis:
    """What everything that was found out comes to: pure, so that a case that was saved comes to the same."""
    return presentable(_concluded(examined))


def _concluded(examined: Examined) -> Diagnosis:
    facts = either(examined.facts, telling, examined.facts)
    found = judge(examined.label, facts, examined.exchanges, examined.seconds)
    open_ = {a.cause for a in examined.asked}
    found = replace(
        found,
        not_examined=(*examined.asked, *found.not_examined),
        ruled_out=tuple(c for c in found.ruled_out if c not in open_),
    )
    if examined.otherwise and (examined.unread or either(False, turned_away, facts)):
        found = replace(found, findings=_with_fix(found.findings, examined.otherwise))
    seen: Seen = either({}, of_facts, facts)
    found = replace(
        found,
        findings=either(found.findings, with_names, found.findings, facts),
        warnings=either(found.warnings, with_names, found.warnings, facts),
    )
    rivals = (facts.get(Rivals), facts.get(EnvFileValue))
    found = replace(found, competing=tuple(r.competing() for r in rivals if r is not None))
    found = replace(found, seen=seen, changed=either(None, changed, examined.before, seen))
    if examined.cut:
        # that nothing is wrong is not known
        verdict = "undetermined" if found.verdict == "healthy" else found.verdict
        found = replace(found, cut=examined.cut, verdict=verdict)
    if found.changed and found.findings:
        root = found.findings[0]
        root = replace(root, evidence=(*root.evidence, *found.changed.evidence()))
        found = replace(found, findings=(root, *found.findings[1:]))
    asked = not examined.cut or facts.get(Differential) is not None
    if found.verdict != "healthy" and not found.findings and asked:
        found = replace(found, answered=either((), unsettled.told, facts))
    request, situation = facts.get(Request), facts.get(Situation)
    url = situation.url if situation is not None else ""
    found = replace(found, url=url, attempts=either((), attempts.of_facts, facts))
    if found.verdict == "healthy" or request is None or situation is None:
        return found
    return replace(found, reproduce=either("", curl, request, situation))


def _with_fix(findings: tuple[Finding, ...], fix: str) -> tuple[Finding, ...]:
    """The first finding with one more way out of it."""
    return tuple(replace(f, fix=(*f.fix, fix)) if f is findings[0] else f for f in findings)


def turned_away(facts: Facts) -> bool:
    """Whether it is the credential that was refused, or not to be had."""
    token, differential = facts.get(TokenAnswer), facts.get(Differential)
    if facts.get(LoginTold) is not None or (token is not None and not token.given):
        return True
    if differential is None or symptom_of(facts) != REFUSED:
        return False
    judged = differential.judged
    return judged.status in (401, 403) or bool(judged.hidden)


def _asked(target: Target) -> tuple[NotExamined, ...]:
    """The values that only the client will know, because it asks the person for them."""
    needs = "the client will ask you for it, so its value is not known here"
    return tuple(
        NotExamined("the credential", f"{r.place}: {r.written}: {needs}")
        for r in target.references
        if r.state == "asked"
    )


def of_problem(problem: Exception | None, transport: Transport) -> Finding | None:
    """The finding of a login that failed, without a look at anything else; None where it names no cause."""
    if not isinstance(problem, OAuthProblem):
        return None
    login = login_told(problem, transport)
    cause = causes.REGISTRY.get(login.id)
    return _finding(cause, verdict_of(login)) if cause else None


def judge(label: str, facts: Facts, exchanges: tuple[Exchange, ...], seconds: float) -> Diagnosis:
    """From facts to findings: pure, so that saved facts give the same answer."""
    facts = either(facts, telling, facts)
    symptom = either(UNKNOWN, symptom_of, facts)
    spoken: list[tuple[Cause, Verdict]] = []
    silent: list[str] = []
    unexamined: list[NotExamined] = []
    login = facts.get(LoginTold)
    said: Mapping[str, packs.Said] = either({}, _said, facts)
    for cause in causes.every():
        verdict = verdict_of(login) if login is not None and login.id == cause.id else None
        arguments = supply(cause.rule, facts)
        if verdict is None and not isinstance(arguments, str):
            judged = tried(cause.rule, **arguments)
            verdict, arguments = (None, judged.why) if isinstance(judged, Broke) else (judged, arguments)
        root = cause
        if heard := said.get(cause.id):
            verdict, root = heard.beside(verdict, cause.fix), heard.root(cause)
        if verdict is not None:
            spoken.append((root, verdict))
        elif isinstance(arguments, str):
            unexamined.append(NotExamined(cause.id, arguments))
        else:
            silent.append(cause.id)
    explaining = [(c, v) for c, v in spoken if _explains(c, v, symptom)]
    findings = _with_status_page(_rooted(sorted(explaining, key=_rank), symptom), facts.get(Situation))
    named = {f.cause for f in findings} | {e for f in findings for e in f.explains}
    warnings = [] if findings and symptom != ACCEPTED else [(c, v) for c, v in spoken if c.id not in named]
    return Diagnosis(
        target=label,
        verdict=_verdict(symptom, bool(findings)),
        findings=findings,
        warnings=tuple(_finding(c, v) for c, v in sorted(warnings, key=_rank)),
        ruled_out=tuple(silent),
        not_examined=tuple(unexamined),
        exchanges=exchanges,
        seconds=seconds,
        permissions=either(None, allowed, facts),
    )


def _said(facts: Facts) -> Mapping[str, packs.Said]:
    """What the other side's own words name, by the id of the cause; no pack is read where nothing was refused."""
    refusals, scopes = facts.get(Refusals), facts.get(Scopes)
    if refusals is None:
        return {}
    return packs.said(refusals, packs.load(), scopes.lacking() if scopes else "")


def _with_status_page(findings: tuple[Finding, ...], situation: Situation | None) -> tuple[Finding, ...]:
    """Where the service itself may be down, its provider says so on a page of its own. It is named, not asked."""
    if situation is None or not situation.status:
        return findings
    look = f"See whether the provider knows of a disturbance: {situation.status}"
    return tuple(
        replace(f, fix=(*f.fix, look)) if f.layer in NETWORK or f.cause == "server-error" else f
        for f in findings
    )


def telling(facts: Facts) -> Facts:
    """The facts with the request in which the credential was refused: where `initialize` is open, it is the next."""
    followed, request = facts.get(FollowUps), facts.get(Request)
    if followed is None or followed.refused is None or request is None:
        return facts
    asked = replace(request, asks="tools/list", body=TOOLS_LIST)
    return replace(facts, known={**facts.known, Differential: followed.refused, Request: asked})


def symptom_of(facts: Facts) -> str:
    """What is to be explained: let in, turned away, not reached at all, or not known."""
    differential, situation = facts.get(Differential), facts.get(Situation)
    started, way, trail = facts.get(Started), facts.get(Way), facts.get(BrowserTrail)
    if trail is not None and (trail.failed or (trail.entered and situation is None)):
        return REFUSED if trail.failed else ACCEPTED
    store = facts.get(KeptStore)
    if store is not None and store.stuck and situation is not None and situation.own_login:
        return REFUSED
    if way is not None and (way.blocked or way.captured):
        # what answered was the proxy
        return UNREACHED
    token = facts.get(TokenAnswer)
    if facts.get(LoginTold) is not None or (token is not None and not token.given):
        return REFUSED
    if differential is None:
        if started is not None:
            return REFUSED if started.error else ACCEPTED
        named, reached = facts.get(Named), facts.get(Reached)
        lost = (named and named.error) or (reached and reached.error)
        return UNREACHED if lost else UNKNOWN
    judged = differential.judged
    cut = differential.kind != "api" and judged.error in BROKEN_ANSWERS
    if cut or (judged.accepted and not differential.served):
        return REFUSED
    if not differential.answered and not (differential.real and differential.real.error == "header-invalid"):
        return UNREACHED
    if judged.accepted:
        return REFUSED if started is not None and started.error else ACCEPTED
    given = situation is not None and (situation.has_credential or situation.configured)
    # Without a credential a refusal is what a good server owes (CONTRACT, "Without a credential").
    if not given and (judged.status in (401, 403) or judged.hidden) and not differential.forbids_all:
        return ACCEPTED
    return REFUSED


def _explains(cause: Cause, verdict: Verdict, symptom: str) -> bool:
    if cause.advice:
        return False
    if symptom == UNREACHED:
        return cause.layer in NETWORK or cause.way
    if symptom == ACCEPTED:
        return cause.standing and verdict.certainty == PROVEN and not verdict.aside
    if symptom == UNKNOWN:
        return verdict.certainty == PROVEN
    return True


def rooted(spoken: list[tuple[Cause, Verdict]]) -> tuple[Finding, ...]:
    """Findings in the order of judgement, each with those under it that it brings about."""
    return _rooted(sorted(spoken, key=_rank), UNKNOWN)


def _rank(item: tuple[Cause, Verdict]) -> tuple[int, bool, int, int]:
    """What speaks only when no other does is last, what is wrong beside comes after what explains the refusal; proven
    before likely; then the order of judgement."""
    cause, verdict = item
    likely = int(verdict.certainty == LIKELY)
    return 2 if verdict.aside else int(cause.fallback), cause.beside, likely, LAYERS.index(cause.layer)


def _rooted(spoken: list[tuple[Cause, Verdict]], symptom: str) -> tuple[Finding, ...]:
    """What a proven cause brings about goes under it, not beside it."""
    folded: dict[str, list[str]] = {}
    kept: list[tuple[Cause, Verdict]] = []
    for cause, verdict in _roots_first(spoken):
        root = next((c for c, v in kept if v.certainty == PROVEN and _covers(c, cause)), None)
        if root is not None:
            folded.setdefault(root.id, []).append(cause.id)
        elif not ((cause.fallback or verdict.aside) and kept and symptom == REFUSED):
            kept.append((cause, verdict))
    return tuple(_finding(c, v, tuple(folded.get(c.id, ()))) for c, v in kept)


def _roots_first(spoken: list[tuple[Cause, Verdict]]) -> list[tuple[Cause, Verdict]]:
    """The same order, but that what is brought about by a proven cause comes after it, also where its layer is judged
    earlier."""
    done: list[tuple[Cause, Verdict]] = []
    for cause, verdict in spoken:
        at = next((n for n, (c, _) in enumerate(done) if c.id in cause.explains), len(done))
        mutual = any(cause.id in c.explains for c, _ in done[at:])
        done.insert(at if verdict.certainty == PROVEN and not mutual else len(done), (cause, verdict))
    return done


def _covers(root: Cause, other: Cause) -> bool:
    return other.id in root.explains or (other.fallback and not root.standing)


def _finding(cause: Cause, verdict: Verdict, explains: tuple[str, ...] = ()) -> Finding:
    return Finding(
        cause=cause.id,
        certainty=verdict.certainty,
        layer=cause.layer,
        owner=verdict.owner or cause.owner,
        title=verdict.title or cause.title,
        evidence=verdict.evidence,
        fix=verdict.fix or cause.fix,
        explains=explains,
        sources=cause.sources,
    )


def _verdict(symptom: str, found: bool) -> str:
    if symptom == UNREACHED:
        return "unreachable"
    if found:
        return "broken"
    return "healthy" if symptom == ACCEPTED else "undetermined"
