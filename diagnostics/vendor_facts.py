"""Facts that come of what the catalogue knows of a service: kinds of credentials, tenants."""

from __future__ import annotations

from dataclasses import dataclass

from .wire_facts import Answer


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
