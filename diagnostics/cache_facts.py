"""Facts about the login that another program keeps for a target. No token is in them."""

from __future__ import annotations

from dataclasses import dataclass

from wizard.caches import Cached


@dataclass(frozen=True, slots=True)
class KeptLogins:
    """``mine`` are the target's, ``others`` stand beside them in the same cache: for another domain or address.

    ``program`` keeps them; ``whose`` is the domain or address of the target; ``now`` in seconds since 1970.
    ``wanted`` is True where nothing goes without a login, ``name`` the saved connection that it is for.
    """

    program: str
    whose: str
    now: float
    mine: tuple[Cached, ...] = ()
    others: tuple[Cached, ...] = ()
    wanted: bool = False
    name: str = ""

    def seen(self) -> str:
        """How the login stands."""
        if self.mine:
            return "; ".join(f"{e.path.name}: {e.says()}" for e in self.mine)
        return f"{self.program} keeps no login for {self.whose}"
