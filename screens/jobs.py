"""The glue between the screens and the floors below: each job as a function, imported when it is first used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.errors import AuthwizardError
from wizard.setup.draft import Draft

_ONE_ANSWER: Final = 10.0
_BEFORE_AND_AFTER: Final = 30.0

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from diagnostics.doctor import Diagnosis, ProbeState
    from diagnostics.examined import Examined
    from diagnostics.offers import Offers
    from diagnostics.steps.token_request import TokenRequest
    from diagnostics.target import Target
    from diagnostics.token import TokenReport
    from diagnostics.watch import Watch
    from wizard.connections import Connection
    from wizard.entries import Entry
    from wizard.exchange import Exchange
    from wizard.livetest import Finding, LiveTestReport, Step
    from wizard.oauth.person import Person
    from wizard.secret import Secret
    from wizard.setup import Prover, Tester

    from .diagnose.given import Given
    from .home import Found


def tester() -> Tester:
    """The live test of a draft."""
    from diagnostics import ladder
    from wizard.oauth.registered import KeptClients
    from wizard.transport import Transport

    async def test(draft: Draft, on_step: Callable[[Step], None], person: Person) -> LiveTestReport:
        target = target_of(draft)
        for step in ladder.planned(target):
            on_step(step)
        async with Transport() as transport:
            return await ladder.run(
                target, transport, on_step=on_step, find=_find, person=person, clients=KeptClients()
            )

    return test


async def asks_for_login(url: str, speaks: str) -> bool:
    """Whether the server refuses whoever brings nothing, and names who lets a person log in for it. Nothing is sent but
    that question; what does not answer in 5 s asks for nothing."""
    import asyncio

    from wizard.oauth import asking
    from wizard.oauth.discovery import discover
    from wizard.transport import Transport

    try:
        async with asyncio.timeout(5), Transport(timeout=5) as transport:
            asked = asking.usable(await asking.challenges_of(url, speaks, transport))
            if not asked:
                return False
            server = (await discover(url, asked, transport, guess=False)).server
    except (AuthwizardError, TimeoutError):
        return False
    return bool(server.authorization_endpoint or server.device_authorization_endpoint)


async def tested(name: str, on_step: Callable[[Step], None], *, fallback: bool = False) -> LiveTestReport:
    """The live test of a saved connection, or of its fallback. Raises: UsageError, SourceError."""
    import asyncio

    from diagnostics import ladder, targets
    from wizard import connections
    from wizard.transport import Transport

    aim = targets.from_fallback if fallback else targets.from_connection
    target = await asyncio.to_thread(aim, connections.get(name))
    async with Transport() as transport:
        return await ladder.run(target, transport, on_step=on_step, find=_find)


async def proven(connection: Connection, entry: Entry) -> LiveTestReport:
    """The live test of a saved connection through an entry as it was read back out of a client's file."""
    import asyncio
    from dataclasses import replace as with_changes

    from diagnostics import ladder, targets
    from wizard.transport import Transport

    target = with_changes(await asyncio.to_thread(targets.from_connection, connection), entry=entry)
    async with Transport() as transport:
        return await ladder.run(target, transport)


async def _find(target: Target, report: LiveTestReport, asked: TokenRequest | None) -> Finding | None:
    """The cause of a failed test."""
    from diagnostics import doctor
    from wizard.transport import Transport

    async with Transport() as transport:
        diagnosis = await doctor.diagnose(
            target, transport, start=True, asked=asked, told=report.told
        )  # the test started it already
    return diagnosis.findings[0] if diagnosis.findings else None


def prover() -> Prover:
    """The live test of an entry as it was read back out of a client's file."""
    from dataclasses import replace as with_changes

    from diagnostics import ladder
    from wizard.transport import Transport

    async def prove(draft: Draft, entry: Entry) -> LiveTestReport:
        target = with_changes(target_of(draft), entry=entry)
        async with Transport() as transport:
            return await ladder.run(target, transport)

    return prove


def target_of(draft: Draft) -> Target:
    """What the draft is about, as the diagnostics take it.

    Raises:
        ValueError: service, deployment or method is not chosen yet.
    """
    from diagnostics import targets
    from wizard import setup

    return targets.build(setup.choice(draft))


def practice_urls() -> Mapping[str, str]:
    """The addresses of the practice services that run on this machine."""
    from wizard import practice

    return practice.running()


def stores() -> tuple[tuple[str, str, str], ...]:
    """Where secrets can be kept: id, title, and why not (empty when it can). May block on the keyring."""
    from wizard import vault

    return tuple((s.id, s.title, s.unavailable()) for s in vault.stores())


def found_in_clients(ours: set[str]) -> tuple[Found, ...]:
    """The entries of the clients' configs that no connection made, with what can be seen without asking anyone."""
    from wizard import clients

    from .home import Found

    lines: list[Found] = []
    for client in clients.every():
        for project in (True, False):
            path = client.path(project)
            if path is None or not path.exists():
                continue
            try:
                names = client.servers(path)
            except (AuthwizardError, OSError) as error:
                says = error.title if isinstance(error, AuthwizardError) else "its file cannot be read"
                lines.append(Found(f"{client.id}:", client.title, "broken", says))
                continue
            lines += [_found(client.id, client.title, name) for name in names if name not in ours]
    return tuple(dict.fromkeys(lines))


def _found(client: str, title: str, name: str) -> Found:
    from .home import Found

    return Found(f"{client}:{name}", title, "untested", title)


def known_targets() -> tuple[tuple[str, str], ...]:
    """What can be diagnosed by name: the connections, and the entries of the clients' configs."""
    from wizard import connections

    try:
        saved = connections.load_all()
    except AuthwizardError:
        saved = ()
    found = found_in_clients({c.name for c in saved})
    return tuple((c.name, c.service) for c in saved) + tuple((f.target, f.client) for f in found)


def logs_in(target: str) -> bool:
    """Whether this is the name of a connection for which a person logs in."""
    from wizard import connections
    from wizard.methods import kinds

    try:
        return kinds.get(connections.choice(connections.get(target)).method.kind).person
    except AuthwizardError:
        return False


@dataclass(frozen=True, slots=True)
class Looked:
    """A diagnosis with all that it rests on; ``hide`` takes the target's secrets out of a text."""

    diagnosis: Diagnosis
    exchanges: tuple[Exchange, ...] = ()
    examined: Examined | None = None
    hide: Callable[[str], str] = str
    offers: Offers | None = None


async def diagnose(
    subject: str | Draft,
    on_probe: Callable[[ProbeState], None],
    *,
    given: Given | None = None,
    watch: Watch | None = None,
) -> Looked:
    """Diagnose a TARGET of the contract, or a draft as it stands; with every exchange, redacted. ``given`` is what the
    person gave beside it.

    Raises:
        AuthwizardError: the target is not one, or its secret cannot be read.
    """
    import asyncio

    from diagnostics.offers import offers

    secret = given.secret if given else None
    doctor, transport_module, target = await asyncio.to_thread(_prepare, subject, secret)
    kept: list[tuple[Examined, Callable[[str], str]]] = []
    async with transport_module.Transport(timeout=_ONE_ANSWER) as transport:
        # a draft's command was started by its test; one out of a config needs a yes to just what it is now
        confirmed = given is not None and given.start is not None and given.start == target.entry
        started = not isinstance(subject, str) or confirmed
        diagnosis = await doctor.diagnose(
            target,
            transport,
            on_probe=on_probe,
            start=started,
            asked=given.asked if given else None,
            on_examined=lambda examined, hide: kept.append((examined, hide)),
            watch=watch,
        )
        examined, hide = kept[-1]
        return Looked(
            diagnosis, transport.exchanges, examined, hide, offers(target, examined, diagnosis, hide)
        )


async def logged_in(url: str, person: Person) -> TokenRequest:
    """The login that an address asks for; nothing of it is kept.

    Raises:
        AuthwizardError: it failed, or none is asked for.
    """
    import asyncio

    from diagnostics import targets
    from diagnostics.steps import aim
    from wizard.errors import JobError
    from wizard.transport import Transport

    target = await asyncio.to_thread(targets.resolve, url)
    async with Transport(timeout=_ONE_ANSWER) as transport:
        asked = await aim.logged_in(target, transport, person, budget=person.seconds + _BEFORE_AND_AFTER)
    if asked is None:
        raise JobError(
            "no-login", "No login was made.", "The server asked for none, or names nobody to log in at."
        )
    if asked.error is not None:
        raise asked.error
    return asked


def save_case(looked: Looked, path: Path) -> None:
    """Write the case into a file that can be sent. Raises: FileProblem."""
    from diagnostics import case

    if looked.examined is not None:
        case.write(path, case.taken(looked.examined, looked.hide))


def token_of(looked: Looked) -> TokenReport | None:
    """The token that was sent, explained; None where none was."""
    from diagnostics import token
    from diagnostics.facts import CredentialText

    found = looked.examined.facts.get(CredentialText) if looked.examined else None
    return token.explain(found.bare) if found and found.bare else None


def _prepare(subject: str | Draft, secret: Secret | None = None) -> tuple[ModuleType, ModuleType, Target]:
    from diagnostics import doctor, targets
    from wizard import transport

    if not isinstance(subject, str):
        target = target_of(subject)
    else:
        target = targets.resolve(subject, targets.Given(credential=secret), lenient=True)
    return doctor, transport, target
