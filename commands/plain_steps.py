"""What each of the six steps asks in plain lines. The steps decide nothing: `wizard.setup` does."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard import setup
from wizard.errors import AuthwizardError
from wizard.redaction import secret_part
from wizard.secret import Secret
from wizard.services import Environment, Field, Method, Service
from wizard.setup import ClientChoice, Draft

from .output import failure_lines
from .plain_talk import Item, Talk

if TYPE_CHECKING:
    from sandbox.practice import Practice
    from wizard.setup.places import Place

SOURCE: Final = re.compile(r"(env|file|cmd|keyring):\S")
FILL: Final = "fill"


@dataclass(frozen=True, slots=True)
class Walk:
    """What the steps have in common: the conversation, and the practice services that were started with it."""

    talk: Talk
    practice: Practice | None = None

    def credential(self, d: Draft, field: Field) -> Secret | None:
        """The practice service's own credential for this field."""
        if self.practice is None or d.service is None or d.environment is None:
            return None
        found = self.practice.services.get(d.service.id)
        return found.credentials.get(field.id) if found and d.environment.id == "practice" else None


def service(d: Draft, walk: Walk) -> Draft:
    """Which service, which deployment of it, and its address where that has to be typed."""
    from wizard import catalogue

    talk, known = walk.talk, catalogue.load()
    for problem in known.problems:
        talk.say(*failure_lines(problem))
    items = [Item(s.id, s.title, s.summary) for s in known.services]
    explain = ["A service is what you want to sign in to. Type its number, or its id."]
    chosen = known.get(
        talk.pick("What do you want to sign in to?", items, d.service.id if d.service else "", explain)
    )
    for need in chosen.needs:
        talk.say(f"It needs: {need}")
    environment = _environment(d, chosen, talk, "practice" if walk.practice else "")
    if environment is None or environment.url:
        return setup.with_service(d, chosen, environment, "")
    # an address with a secret in it was refused, and is not shown again
    same = d.service is not None and d.service.id == chosen.id and not secret_part(d.url)
    help_ = [environment.help] if environment.help else ["Its address, beginning with https://"]
    talk.say(*help_)
    return setup.with_service(d, chosen, environment, talk.line("Address", d.url if same else "", help_))


def _environment(d: Draft, chosen: Service, talk: Talk, usual: str) -> Environment | None:
    can = [e for e in chosen.environments if e.id != "practice" or e.url]
    if len(can) == 1:
        return can[0]
    start = d.environment.id if d.environment and d.service and d.service.id == chosen.id else usual
    items = [Item(e.id, e.title, f"{chosen.speaks_at(e).upper()}, {e.url or e.help}") for e in can]
    explain = ["MCP: you get an entry in your client's config. API: you get a curl script and variables."]
    return chosen.environment(talk.pick(f"{chosen.title}: which one?", items, start, explain))


def method(d: Draft, walk: Walk) -> Draft:
    """How to sign in; what cannot work is said with the reason."""
    from wizard import methods

    if d.service is None:
        return d
    can = d.service.methods_at(d.environment)

    def shut(m: Method) -> str:
        return m.unavailable or methods.refusal(m, setup.url_of(d), frozenset(d.allow))

    items = [
        Item(m.id, m.title, " ".join([m.meaning, *(f"Needs: {n}" for n in m.needs)]), shut(m)) for m in can
    ]
    first = next((item.id for item in items if not item.shut), "")
    start = d.method.id if d.method else first
    explain = [line for m in can for line in (f"{m.title}: {m.meaning}", *_guide(m))]
    chosen = d.service.method(walk.talk.pick("How do you sign in?", items, start, explain))
    return setup.with_method(d, chosen) if chosen else d


def _guide(m: Method) -> list[str]:
    lines = [f"  {number}. {step}" for number, step in enumerate(m.guide.steps, 1)]
    return [*lines, *([f"  Page: {m.guide.link}"] if m.guide.link else [])]


def credentials(d: Draft, walk: Walk) -> Draft:
    """Each field in turn; what is typed is looked at before it goes anywhere."""
    if d.method is None:
        return d
    guide = _guide(d.method)
    if guide:
        walk.talk.say("Where to get it:", *guide)
    asked = setup.fields(d)
    if not asked:
        walk.talk.say("This method asks for nothing.")
    for field in asked:
        d = _secret(d, field, walk) if field.secret else _setting(d, field, walk)
    return setup.read_sources(d)


def _setting(d: Draft, field: Field, walk: Walk) -> Draft:
    title = field.title if field.required else f"{field.title} (optional)"
    if field.help:
        walk.talk.say(field.help)
    if offered := _offered(d, field, walk):
        items = [Item(o.value, o.title, o.note, o.shut) for o in offered]
        walk.talk.listed(f"{field.title}: what there is", items)
    own = walk.credential(d, field)
    default = setup.settings_of(d).get(field.id, "") or (own.reveal() if own and field.required else "")
    while True:
        text = _numbered(walk.talk.line(title, default, [field.help or field.title]), offered)
        if not text and field.required:
            walk.talk.say(f"{field.title} is missing.")
        elif _looked(text, field, walk) is not None:
            own_secret, chosen = setup.own_secret(d), next((o for o in offered if o.value == text), None)
            if chosen and chosen.asks and own_secret:
                walk.talk.say(
                    f"{chosen.title} wants a credential of its own, which is asked for next: {own_secret.title}."
                )
            return setup.with_setting(d, field.id, text)


def _secret(d: Draft, field: Field, walk: Walk) -> Draft:
    talk = walk.talk
    own = walk.credential(d, field)
    held = setup.secrets_of(d).get(field.id)
    source = setup.sources_of(d).get(field.id, "")
    practised = _practice_file(d, walk)
    if practised and field.id not in d.sources:
        source = f"file:{practised}"
    lines = [field.help] if field.help else []
    lines.append("Paste it, or name where it is: env:VARIABLE, file:PATH, cmd:COMMAND.")
    if own is not None:
        lines.append(f"Type {FILL} for the practice service's own.")
    if source or held:
        lines.append(f"Enter keeps {f'the reference {source}' if source else held.hint() if held else ''}")
    elif not field.required:
        lines.append("Enter leaves it out.")
    talk.say(*lines)
    while True:
        given = talk.secret(field.title, lines)
        text = given.reveal()
        if not text and source:
            return setup.with_source(d, field.id, source)
        if not text and (held or not field.required):
            return d
        if not text:
            talk.say(f"{field.title} is missing.")
        elif own is not None and text == FILL:
            return setup.with_secret(d, field.id, own)
        elif SOURCE.match(text):
            try:
                return setup.read_sources(setup.with_source(d, field.id, text))
            except AuthwizardError as error:
                talk.say(*failure_lines(error))
        elif (right := _mended(given, field, talk)) is not None:
            talk.say(f"  {right.hint()}")
            return setup.with_secret(d, field.id, right)


def _mended(given: Secret, field: Field, talk: Talk) -> Secret | None:
    """The value, mended where that is certain and agreed; None where it cannot work as it is."""
    from wizard import paste

    issues = paste.look(given.reveal(), field)
    talk.say(*(f"  {issue.says}" for issue in issues))
    mended = next((issue.mended for issue in issues if issue.mended), None)
    if mended is not None:
        left = paste.look(mended.reveal(), field)
        if any(issue.severity == "wrong" for issue in left):
            issues = left
        elif talk.agreed("Mend it?", default=True):
            given, issues = mended, left
    if any(issue.severity == "wrong" for issue in issues):
        talk.say("That cannot work as it is. Give it again.")
        return None
    return given


def _looked(text: str, field: Field, walk: Walk) -> str | None:
    """The text, unless something is surely wrong with it, which is then said."""
    from wizard import paste

    issues = paste.look(text, field) if text else ()
    for issue in issues:
        walk.talk.say(f"  {issue.says}")
    return None if any(issue.severity == "wrong" for issue in issues) else text


def _practice_file(d: Draft, walk: Walk) -> str:
    if walk.practice is None or d.service is None or d.environment is None or d.environment.id != "practice":
        return ""
    found = walk.practice.services.get(d.service.id)
    token_file = d.method is not None and d.method.kind == "token_file"
    return str(found.token_file) if found and found.token_file and token_file else ""


def permissions(d: Draft, walk: Walk) -> Draft:
    """Scopes by preset or by number; what they open is said."""
    chosen = d.service
    if chosen is None or not chosen.scopes:
        walk.talk.say("It names no permissions to choose from: its credential may do what it may do.")
        return d
    talk = walk.talk
    scopes = list(chosen.scopes)
    talk.say("What should it be able to do?", *([chosen.by_groups] if chosen.by_groups else []))
    for number, scope in enumerate(scopes, 1):
        opens = ", ".join(t.name for t in chosen.tools if scope.id in t.scopes)
        talk.say(f"  {number}. {scope.id}: {scope.title}{f' (for {opens})' if opens else ''}")
    for preset in chosen.presets:
        talk.say(f"  {preset.id}: {preset.title}: {', '.join(preset.scopes)}")
    explain = ["Least is best. None: the credential's permissions are taken as they are."]
    now = d.preset or ",".join(str(n) for n, s in enumerate(scopes, 1) if s.id in d.scopes) or "none"
    known = {str(n): s.id for n, s in enumerate(scopes, 1)} | {s.id: s.id for s in scopes}
    while True:
        text = talk.line("Numbers, a preset, or none", now, explain)
        if any(text == p.id for p in chosen.presets):
            d = setup.with_preset(d, text)
            break
        words = [] if text == "none" else text.replace(",", " ").split()
        if all(word in known for word in words):
            d = d if text == now else setup.with_scopes(d, [known[w] for w in words])
            break
        talk.say("Type numbers such as 1,3, the name of a preset, or none.")
    if opened := setup.unlocked(d):
        talk.say(f"  These tools open: {', '.join(t.name for t in opened)}")
    return d


def activate(d: Draft, walk: Walk) -> Draft:
    """A name, a place for the secret, and which clients."""
    from wizard.setup import places

    talk = walk.talk
    while True:
        name = talk.line(
            "Call it", setup.name_of(d), ["The name of the connection, and of the entry in clients."]
        )
        named = setup.with_name(d, name) if name != setup.name_of(d) else d
        says = [p.says for p in setup.problems(named, "activate")] or [s for s in [setup.taken(named)] if s]
        if not says:
            d = named
            break
        talk.say(*says)
    if setup.secrets_of(d).keys() - setup.sources_of(d).keys():
        d = _store(d, talk)
    offered = places.places()
    plan = setup.plan(d)
    speaks = setup.choice(d).speaks
    items = [_client(p, places.shut(p, plan, speaks)) for p in offered]
    by_id = {p.id: p for p in offered}
    start = [_id(c) for c in d.clients] or places.first_choice(offered, plan, speaks)
    explain = ["Each gets an entry; you see it before it is written. Type none to save the connection only."]
    chosen = talk.ticks("Use it in", items, start, explain)
    kept = {_id(c): c for c in d.clients}
    return setup.with_clients(d, [kept.get(id) or by_id[id].choice for id in chosen])


def _store(d: Draft, talk: Talk) -> Draft:
    from wizard import vault

    items = [Item(s.id, s.title, "", s.unavailable()) for s in vault.stores()]
    start = d.store or next((item.id for item in items if not item.shut), "")
    return setup.with_store(d, talk.pick("Where is the secret kept?", items, start))


def _client(place: Place, shut: str) -> Item:
    from wizard import clients

    missing = f" ({clients.get(place.choice.client).title} itself was not found)"
    note = (_short(place.path) if place.path else "") + ("" if place.found else missing)
    return Item(place.id, place.title, note.strip(), f"it {shut}" if shut else "")


def _id(choice: ClientChoice) -> str:
    return f"{choice.client} {'project' if choice.project else 'own'}"


def _short(path: str) -> str:
    return path.replace(f"{os.path.expanduser('~')}/", "~/")  # noqa: PTH111  Path's own raises where no home is known


def _offered(d: Draft, field: Field, walk: Walk) -> tuple[setup.Offer, ...]:
    """What the service lists for this field; a list that cannot be had is said, and the value typed."""
    import asyncio

    if not field.choices:
        return ()
    try:
        return asyncio.run(setup.offers(setup.read_sources(d), field))
    except AuthwizardError as error:
        walk.talk.say(*failure_lines(error))
        return ()


def _numbered(text: str, offered: tuple[setup.Offer, ...]) -> str:
    can = [o for o in offered if not o.shut]
    if text.isascii() and text.isdigit() and len(text) < 4 and 0 < int(text) <= len(can):
        return can[int(text) - 1].value
    return text


ASKS: Final[Mapping[str, Callable[[Draft, Walk], Draft]]] = {
    "service": service,
    "method": method,
    "credentials": credentials,
    "permissions": permissions,
    "activate": activate,
}
"""The steps that ask; the test is run by `plain`."""
