"""``registrations``: clients at an identity provider, through its own API, many at once."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from wizard.errors import AuthwizardError, UsageError
from wizard.livetest import Finding
from wizard.secret import Secret

from .output import Output, finding_lines, table
from .running import Sources, Waiting, allowed, budget, no_bare_secret, pairs, within

if TYPE_CHECKING:
    from wizard.registrars import Client, Planned, Registrar, Wanted

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where to ask, with what, and for how many seconds."""

    at: str
    provider: str
    settings: Mapping[str, str]
    secrets: Mapping[str, Secret]
    allow: tuple[str, ...]
    seconds: float
    ca: str | None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Registrar]:
        """The provider's API, as long as it is asked."""
        from wizard import registrars
        from wizard.transport import Transport

        async with Transport(timeout=self.seconds, ca=self.ca) as transport:
            yield await registrars.opened(
                self.at, self.settings, self.secrets, transport, provider=self.provider, allow=self.allow
            )

    def within(self, job: Callable[[], Awaitable[_T]]) -> _T:
        """Do the job in the seconds there are."""
        return within(self.seconds, job, Waiting("the provider's API"))


def run(args: argparse.Namespace, out: Output) -> int:
    """List, add or remove. 1 where one of several could not be done."""
    from wizard.registrars import UNKNOWN

    action = args.action or "list"
    _fits(args, action)
    place = _place(args)
    if action == "add":
        return _add(args, out, place, _wanted(args, place))
    found, where = place.within(lambda: _listed(place))
    if action == "remove":
        return _remove(args, out, place, where, _chosen(args, found))
    shown = tuple(c for c in found if c.left_behind) if args.unused else found
    warnings = _warnings(where[1], [(c.name, c.redirect_uris) for c in found])
    lines = _table(shown) or ["There is no client left behind." if args.unused else "There is no client."]
    if left := [c for c in found if c.left_behind]:
        lines += ["", f"Left behind, of those that authwizard registered: {', '.join(c.name for c in left)}."]
        lines += ["authwizard registrations remove --unused --at ... takes them away, after a yes."]
    if unsure := [c.name for c in found if c.ours and c.use == UNKNOWN]:
        lines += ["", f"Whether these are used, the provider's records do not tell: {', '.join(unsure)}."]
    _answer(out, where, lines, warnings, clients=[c.as_json() for c in shown])
    return 0


def _fits(args: argparse.Namespace, action: str) -> None:
    if not args.at:
        raise UsageError(
            "wrong-usage", "Say where: --at ISSUER, or --at NAME of a connection to the provider's API."
        )
    if action != "add" and (args.redirect or getattr(args, "from")):
        raise UsageError("wrong-usage", "--from and --redirect go with add.")
    if action == "add" and bool(args.name) == bool(getattr(args, "from")):
        raise UsageError("wrong-usage", "Say which clients: --from FILE, or one name.")
    if action == "add" and len(args.name) > 1:
        raise UsageError(
            "wrong-usage", "One name, or several in a file: --from FILE. Quote a name with spaces."
        )
    if action == "remove" and bool(args.name) == bool(args.unused):
        raise UsageError("wrong-usage", "Say which clients are to go: their names, or --unused.")
    if action == "list" and (args.name or args.dry_run):
        raise UsageError("wrong-usage", "list takes no names and changes nothing.")


def _place(args: argparse.Namespace) -> _Place:
    """An address with what was given, or a connection with what it holds."""
    seconds = budget(args.timeout)
    sources = Sources(seconds)
    settings = pairs(args.set, "--set", "FIELD=VALUE")
    for name, text in settings.items():
        no_bare_secret(name, value=text)
    secrets = {k: sources.read(v)[1] for k, v in pairs(args.secret, "--secret", "FIELD=SOURCE").items()}
    allow = allowed(args.allow)
    if "://" in args.at:
        return _Place(args.at, args.provider or "", settings, secrets, allow, seconds, args.ca)
    from wizard import connections, oauth

    choice = connections.choice(connections.get(args.at))
    from wizard.methods import texts

    held = oauth.completed(choice, ca=args.ca)
    return _Place(
        choice.address,
        args.provider or choice.service.id,
        {**texts(choice), **settings},
        {**held, **secrets},
        (*choice.allow, *allow),
        seconds,
        args.ca,
    )


def _wanted(args: argparse.Namespace, place: _Place) -> tuple[Wanted, ...]:
    from wizard import providers, registrars

    known = providers.named(place.provider) or providers.of(place.at)
    usual = known.redirect_uri() if known else "http://127.0.0.1:3334/callback"
    if named := getattr(args, "from"):
        return registrars.read(Path(named).expanduser(), usual)
    return (registrars.wanted(args.name[0], args.redirect or (usual,)),)


async def _listed(place: _Place) -> tuple[tuple[Client, ...], tuple[str, str]]:
    """The clients, those that this machine registered by RFC 7591 among ours; and whose API this is."""
    from wizard.oauth import registered

    async with place.opened() as registrar:
        mine = {r.client_id for r in registered.listed() if r.issuer == registrar.at}
        found = await registrar.clients()
        return tuple(replace(c, ours=c.ours or c.client_id in mine) for c in found), (
            registrar.provider,
            registrar.at,
        )


def _add(args: argparse.Namespace, out: Output, place: _Place, asked: tuple[Wanted, ...]) -> int:
    from wizard import registrars

    there, where = place.within(lambda: _listed(place))
    plan = registrars.planned(asked, there)
    warnings = _warnings(where[1], [(w.name, w.redirect_uris) for w in asked])
    if args.dry_run:
        lines = [*_plan(plan), "This was a dry run: nothing was registered."]
        _answer(out, where, lines, warnings, wanted=_rows(plan.new), **_known(plan))
        return 0
    if plan.new:
        _agreed(args, out, [*_plan(plan), *_told(warnings, out)], f"Register {len(plan.new)} at {where[1]}?")
    added: list[Client] = []
    failed: list[tuple[Wanted, AuthwizardError]] = []

    async def add() -> None:
        async with place.opened() as registrar:
            for one in plan.new:
                try:
                    added.append(await registrar.add(one))
                except AuthwizardError as problem:
                    failed.append((one, problem))

    if plan.new:
        place.within(add)
    lines = [f"{out.mark('works')} {c.name}: client id {c.client_id}" for c in added]
    lines += [f"{out.mark('works')} {c.name}: there already, client id {c.client_id}" for c in plan.there]
    lines += _other(plan, out)
    for one, problem in failed:
        lines += [f"{out.mark('broken')} {one.name}: {problem.title} {problem.detail}".rstrip()]
        lines += [f"    {step}" for step in problem.fix]
    if len(failed) == 1 == len(plan.new):
        raise failed[0][1]
    _answer(
        out,
        where,
        lines,
        warnings,
        added=[c.as_json() for c in added],
        failed=[{"name": w.name, "error": p.as_json()} for w, p in failed],
        **_known(plan),
    )
    return 1 if failed else 0


def _chosen(args: argparse.Namespace, found: tuple[Client, ...]) -> tuple[Client, ...]:
    if args.unused:
        return tuple(c for c in found if c.left_behind)
    chosen: list[Client] = []
    for name in dict.fromkeys(args.name):
        client = next((c for c in found if name == c.client_id), None) or next(
            (c for c in found if name == c.name), None
        )
        if client is None:
            raise UsageError(
                "client-unknown",
                "There is no such client at the provider.",
                "",
                ["See: authwizard registrations --at ..."],
            )
        if client.own:
            raise UsageError("client-own", f"{client.name} is the provider's own client, and is not removed.")
        chosen.append(client)
    return tuple(chosen)


def _remove(
    args: argparse.Namespace, out: Output, place: _Place, where: tuple[str, str], chosen: tuple[Client, ...]
) -> int:
    if not chosen:
        _answer(out, where, ["There is no client left behind."], (), removed=[])
        return 0
    shown = _table(chosen)
    if args.dry_run:
        _answer(
            out,
            where,
            [*shown, "This was a dry run: nothing was removed."],
            (),
            would_remove=[c.as_json() for c in chosen],
        )
        return 0
    _agreed(args, out, shown, f"Remove {len(chosen)} at {where[1]}? Whoever uses one cannot log in any more.")
    gone: list[Client] = []
    failed: list[tuple[Client, AuthwizardError]] = []

    async def remove() -> None:
        async with place.opened() as registrar:
            for client in chosen:
                try:
                    await registrar.remove(client)
                    gone.append(client)
                except AuthwizardError as problem:
                    failed.append((client, problem))

    place.within(remove)
    lines = [f"{out.mark('works')} {c.name} was removed." for c in gone]
    lines += [f"{out.mark('broken')} {c.name}: {p.title} {p.detail}".rstrip() for c, p in failed]
    _answer(
        out,
        where,
        lines,
        (),
        removed=[c.as_json() for c in gone],
        failed=[{"name": c.name, "error": p.as_json()} for c, p in failed],
    )
    return 1 if failed else 0


def _agreed(args: argparse.Namespace, out: Output, lines: list[str], question: str) -> None:
    """Raises: UsageError ``not-agreed`` where nobody says yes."""
    if args.yes:
        return
    if args.json or not sys.stdin or not sys.stdin.isatty():
        raise UsageError(
            "not-agreed",
            question.partition("?")[0] + ": nobody said yes.",
            "",
            ["Say so with --yes.", "Or look first: --dry-run"],
        )
    for line in lines:
        out.note(line)
    out.note(f"{question} [y/N]")
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UsageError("not-agreed", "Nothing was changed.")


def _warnings(where: str, uris: Iterable[tuple[str, tuple[str, ...]]]) -> tuple[Finding, ...]:
    """What is unsafe about redirect URIs, typed or registered."""
    from diagnostics.doctor import judge
    from diagnostics.engine import Facts
    from diagnostics.facts.client import RedirectUris

    fact = RedirectUris(where, tuple(uris))
    return judge(where, Facts({RedirectUris: fact}), (), 0.0).warnings


def _plan(plan: Planned) -> list[str]:
    lines = [
        " ".join(("  new:", f"{w.name},", *w.redirect_uris, *(f"({scope})" for scope in w.scopes)))
        for w in plan.new
    ]
    lines += [f"  there already: {c.name}" for c in plan.there]
    return lines + [
        f"  there with other redirect URIs, left alone: {c.name}, {' '.join(c.redirect_uris)}"
        for c in plan.differs
    ]


def _other(plan: Planned, out: Output) -> list[str]:
    return [
        f"{out.mark('warning')} {c.name}: there with other redirect URIs, left alone: {' '.join(c.redirect_uris)}"
        for c in plan.differs
    ]


def _known(plan: Planned) -> dict[str, object]:
    return {"there": [c.as_json() for c in plan.there], "differs": [c.as_json() for c in plan.differs]}


def _rows(asked: Iterable[Wanted]) -> list[dict[str, object]]:
    return [{"name": w.name, "redirect_uris": list(w.redirect_uris), "scopes": list(w.scopes)} for w in asked]


def _table(found: Iterable[Client]) -> list[str]:
    return table(
        (c.name, c.client_id if c.client_id != c.name else "", c.use, _last(c), c.seen) for c in found
    )


def _last(client: Client) -> str:
    return "" if client.last is None else time.strftime("%Y-%m-%d", time.gmtime(client.last))


def _told(warnings: Iterable[Finding], out: Output) -> list[str]:
    return [line for w in warnings for line in finding_lines(w, out.mark("warning"))]


def _answer(
    out: Output, where: tuple[str, str], lines: list[str], warnings: tuple[Finding, ...], **more: object
) -> None:
    provider, at = where
    document = {
        "schema": 1,
        "provider": provider,
        "at": at,
        **more,
        "warnings": [w.as_json() for w in warnings],
    }
    told = [line for w in warnings for line in ("", *finding_lines(w, out.mark("warning")))]
    out.answer(document, [*lines, *told])
