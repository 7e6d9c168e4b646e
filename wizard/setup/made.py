"""What a draft comes to: a choice, the plan of an entry, a connection to be saved."""

from __future__ import annotations

from collections.abc import Mapping

from wizard.choice import Choice
from wizard.connections import Connection
from wizard.entries import EntryPlan

from .draft import Draft, name_of, secrets_of, settings_of, sources_of, url_of


def choice(d: Draft) -> Choice:
    """What was chosen, in one piece.

    Raises:
        ValueError: service, deployment or method is not chosen yet.
    """
    if d.service is None or d.environment is None or d.method is None:
        raise ValueError("service, environment and method are not chosen yet")
    return Choice(
        d.service,
        d.environment,
        d.method,
        url_of(d),
        settings_of(d),
        secrets_of(d),
        name_of(d),
        d.scopes,
        d.allow,
        frozenset(sources_of(d)),
    )


def plan(d: Draft) -> EntryPlan:
    """What a client's config will hold, with slots where secrets go.

    Raises:
        ValueError: as `choice`.
    """
    from wizard import methods

    return methods.entry_plan(choice(d))


def connection(d: Draft, secrets: Mapping[str, str]) -> Connection:
    """The saved form; ``secrets`` are references by field.

    Raises:
        ValueError: as `choice`.
    """
    from wizard.methods import kinds

    c = choice(d)
    # what is short for a source is kept as that source
    short = kinds.get(c.method.kind).named_by
    return Connection(
        c.name,
        c.service.id,
        c.environment.id,
        c.url,
        c.method.id,
        {name: text for name, text in c.settings.items() if name != short},
        dict(secrets),
        c.scopes,
        d.tools,
        c.allow,
    )
