"""Facts that come of what the catalogue knows of a service: kinds of credentials, tenants."""

from __future__ import annotations

from dataclasses import dataclass

from .wire import Answer


@dataclass(frozen=True, slots=True)
class WrongKind:
    """The credential is something else than its field asks for, told by how it begins (`wizard.prefixes`).

    ``what`` it is and ``whose``; ``wanted`` is how a right one begins, in words, empty where nothing is known of the
    service. ``other`` is another method of the service that takes it, or what it is where it is another token of the
    same vendor: then its kind alone proves nothing.
    """

    field: str
    begins: str
    what: str
    whose: str
    wanted: str = ""
    other: str = ""

    def seen(self) -> str:
        """What it is."""
        return f"it begins with `{self.begins}`: {self.what}, of {self.whose}"


@dataclass(frozen=True, slots=True)
class ToolTold:
    """What a tool said that was called at the person's wish, and failed (``isError``)."""

    tool: str
    says: str

    def seen(self) -> str:
        """The tool and its words."""
        return f"{self.tool}: {self.says}"


@dataclass(frozen=True, slots=True)
class TenantVaried:
    """The same request without the header that names the tenant, and its answer."""

    header: str
    value: str
    answer: Answer

    def seen(self) -> str:
        """The answer without it."""
        return f"without {self.header}: {self.answer.seen()}"


@dataclass(frozen=True, slots=True)
class OwnerSeen:
    """What GitHub answers to the same token about the person, and to nobody about the ``owner`` in the address
    (empty where the address names none)."""

    owner: str
    asked_me: str
    me: Answer
    asked_there: str = ""
    there: Answer | None = None

    def seen(self) -> str:
        """Both answers."""
        there = f", {self.owner}: {self.there.seen()}" if self.there else ""
        return f"you: {self.me.seen()}{there}"


@dataclass(frozen=True, slots=True)
class ScopedGateway:
    """A site of Atlassian, which ``told_by`` says has this cloud id, and what the gateway's path at the same origin
    answers to the same pair (None where it was not asked). ``product`` is ``jira`` or ``confluence``."""

    cloud_id: str
    told_by: str
    product: str = "jira"
    asked: str = ""
    answer: Answer | None = None

    def seen(self) -> str:
        """The id, and the answer."""
        return f"cloud id {self.cloud_id}" + (f": {self.answer.seen()}" if self.answer else "")


@dataclass(frozen=True, slots=True)
class CloudSites:
    """The sites that a token of Atlassian was given, by id and address, and the ``cloud_id`` that is asked for.
    ``by_site`` is True where the site that is asked said its own id instead."""

    cloud_id: str
    asked: str
    ids: tuple[str, ...]
    urls: tuple[str, ...]
    by_site: bool = False

    def seen(self) -> str:
        """The ids."""
        return ", ".join(self.ids) or "no site"


@dataclass(frozen=True, slots=True)
class OtherKept:
    """The refused credential comes from the variable ``variable``; the connection ``connection`` keeps another one for
    the same address, and this is what it is ``answer``ed."""

    variable: str
    connection: str
    answer: Answer

    def seen(self) -> str:
        """What the other one is answered."""
        return f"the credential of {self.connection} is answered {self.answer.seen()}"
