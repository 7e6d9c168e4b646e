"""An unfinished draft as plain JSON and back, without a secret. No effects: `unfinished` keeps it in a file.

``{"schema": 1, "step", "saved", "service", "title", "environment", "url", "name", "method", "settings", "sources",
"again", "scopes", "tools", "preset", "allow", "store", "clients"}``. ``step`` is where the person goes on, ``saved``
a time in UTC (``2026-11-21T14:35:07Z``), ``again`` the fields whose secret was pasted and is asked for again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from wizard.redaction import secret_part
from wizard.services import Service

from .draft import (
    STEPS,
    ClientChoice,
    Draft,
    secrets_of,
    sources_of,
    url_of,
    with_preset,
    with_scopes,
    with_service,
    with_tools,
)
from .problems import problems

SCHEMA: Final = 1
PRACTICE: Final = "practice"

_KEPT: Final = ("env:", "file:", "keyring:", "cmd:")
_TEXTS: Final = ("environment", "url", "name", "method", "preset", "store")
_LISTS: Final = ("again", "scopes", "tools", "allow")


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A draft as it was kept: enough to offer it; `restored` makes a draft of it again."""

    service: str
    title: str
    step: str
    saved: str = ""
    environment: str = ""
    url: str = ""
    name: str = ""
    method: str = ""
    settings: Mapping[str, str] | None = None
    sources: Mapping[str, str] | None = None
    again: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    preset: str = ""
    allow: tuple[str, ...] = ()
    store: str = ""
    clients: tuple[ClientChoice, ...] = ()

    @property
    def number(self) -> int:
        """The step as the person counts it, from 1."""
        return STEPS.index(self.step) + 1

    @property
    def says(self) -> str:
        """What is offered: ``Go on with FAOS, step 4``."""
        return f"Go on with {self.title}, step {self.number}"


def unfinished(d: Draft, step: str, saved: str) -> Unfinished | None:
    """What is kept of a draft whose next step is this; None before a service was chosen.

    What belongs to a practice service that runs now (its address, its token file) is gone when it ends, so it is
    not kept.
    """
    if d.service is None:
        return None
    practising = d.environment is not None and d.environment.id == PRACTICE
    sources = {} if practising else {k: v for k, v in d.sources.items() if v.startswith(_KEPT)}
    given = {k for k in sources_of(d) if k in d.sources}
    again = (secrets_of(d).keys() | given) - sources.keys()
    return Unfinished(
        d.service.id,
        d.service.title,
        step if step in STEPS else STEPS[0],
        saved,
        d.environment.id if d.environment else "",
        "" if practising or secret_part(d.url) else d.url,
        d.name,
        d.method.id if d.method else "",
        {name: text for name, text in d.settings.items() if not secret_part(text)},
        sources,
        tuple(sorted(again)),
        d.scopes,
        d.tools,
        d.preset,
        d.allow,
        d.store,
        d.clients,
    )


def as_json(kept: Unfinished) -> dict[str, object]:
    """The form of the file."""
    return {"schema": SCHEMA, **asdict(kept)}


def parse(raw: object) -> Unfinished | None:
    """The kept draft; None for anything that is not one of this version, whatever it is."""
    if not isinstance(raw, dict) or type(raw.get("schema")) is not int or raw["schema"] != SCHEMA:
        return None
    service, title, step = raw.get("service"), raw.get("title"), raw.get("step")
    if not (isinstance(service, str) and service and isinstance(title, str) and step in STEPS):
        return None
    texts = {name: raw.get(name, "") for name in (*_TEXTS, "saved")}
    lists = {name: raw.get(name, ()) for name in _LISTS}
    settings, sources = raw.get("settings", {}), raw.get("sources", {})
    clients = _clients(raw.get("clients", ()))
    if (
        not all(isinstance(t, str) for t in texts.values())
        or not all(_words(words) for words in lists.values())
        or not (_texts(settings) and _texts(sources))
        or clients is None
    ):
        return None
    more: dict[str, Any] = {**texts, **{name: tuple(words) for name, words in lists.items()}}
    return Unfinished(
        service,
        title,
        step,
        settings=settings,
        sources={k: v for k, v in sources.items() if v.startswith(_KEPT)},
        clients=clients,
        **more,
    )


def restored(kept: Unfinished, service: Service, practice_url: str = "") -> tuple[Draft, str]:
    """The draft again, and the step to go on with: the one it was left at, or an earlier one that lacks something.

    What the service no longer has (a method, a scope) is left out. ``practice_url`` is where its practice service
    runs now; empty when none does.
    """
    environment = service.environment(kept.environment)
    url = kept.url
    if environment is not None and environment.id == PRACTICE:
        url = practice_url or environment.url
    d = with_service(Draft(), service, environment, url)
    method = next((m for m in service.methods_at(environment) if m.id == kept.method), None)
    known = {s.id for s in service.scopes}
    d = replace(
        d,
        method=method or d.method,
        name=kept.name,
        settings=dict(kept.settings or {}),
        sources=dict(kept.sources or {}),
        allow=kept.allow,
        store=kept.store,
        clients=kept.clients,
    )
    d = _permitted(d, kept, known)
    return d, _first_open(d, kept)


def why(kept: Unfinished, d: Draft, step: str) -> str:
    """Why the restored draft goes on with this step, where there is a reason to say: a sentence or two."""
    number = STEPS.index(step) + 1
    if step == "credentials" and kept.again:
        said = "The secret was" if len(kept.again) == 1 else "The secrets were"
        return f"{said} not kept: step {number} asks for {'it' if len(kept.again) == 1 else 'them'} again."
    if kept.environment == PRACTICE and not url_of(d):
        return "Its practice service is not running. Start it: authwizard --practice, or authwizard sandbox."
    found = problems(d, step) if step != kept.step else ()
    return f"Step {number} comes first: {found[0].says}" if found else ""


def _permitted(d: Draft, kept: Unfinished, known: set[str]) -> Draft:
    if kept.preset and (chosen := with_preset(d, kept.preset)).preset:
        return chosen
    scopes = [s for s in kept.scopes if s in known]
    if not kept.tools:
        return with_scopes(d, scopes)
    ticked = with_tools(d, kept.tools)
    return with_scopes(ticked, [*ticked.scopes, *scopes])


def _first_open(d: Draft, kept: Unfinished) -> str:
    here = STEPS.index(kept.step)
    for step in STEPS[:here]:
        if problems(d, step) or (step == "credentials" and kept.again):
            return step
    return kept.step


def _texts(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(k, str) and isinstance(v, str) for k, v in value.items()
    )


def _words(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(v, str) for v in value)


def _clients(value: object) -> tuple[ClientChoice, ...] | None:
    if not isinstance(value, list | tuple):
        return None
    found: list[ClientChoice] = []
    for item in value:
        if not isinstance(item, dict) or not isinstance(item.get("client"), str):
            return None
        project, path, how = item.get("project", True), item.get("path"), item.get("how")
        if not isinstance(project, bool) or not all(t is None or isinstance(t, str) for t in (path, how)):
            return None
        found.append(ClientChoice(item["client"], project, path, how))
    return tuple(found)
