"""The words of the packs as plain data: what a provider says in a refusal, and which cause that is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Saying:
    """One way to say a cause. Each condition that is given has to hold: one of ``texts`` is found; the status is among
    ``status`` (a success never counts unless it is named there); each of ``headers`` (by name) is found in its header;
    the credential begins with one of ``begins``; with ``vendor`` the answer is known to be this provider's.

    ``to_all`` is True for what is said whatever the credential. ``adds`` is True for one that only adds its steps to a
    cause that speaks by itself. ``title`` may hold ``{name}`` for a named group of ``texts`` or ``headers``, and
    ``{missing}`` for scopes known to be missing. ``where`` is where to click, ``request`` what to send to an admin.
    """

    cause: str
    texts: tuple[re.Pattern[str], ...] = ()
    status: tuple[int, ...] = ()
    headers: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    begins: tuple[str, ...] = ()
    at: tuple[str, ...] = ()
    vendor: bool = False
    to_all: bool = False
    adds: bool = False
    certainty: str = "proven"
    title: str = ""
    where: str = ""
    request: str = ""
    steps: tuple[str, ...] = ()
    owner: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """A provider's sayings. An answer is known to be its own by the name of a header (a beginning is enough), by the
    catalogue's service, by how the credential begins, or by words that it alone writes."""

    id: str
    title: str
    sayings: tuple[Saying, ...]
    headers: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()
    words: re.Pattern[str] | None = None
