"""The fact of the system's secret store, where a target's secret is kept in it. No secret is in it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cut:
    """An entry that begins as JSON and ends within it: ``place`` is where it is kept, ``length`` its characters."""

    place: str
    length: int


@dataclass(frozen=True, slots=True)
class Keychain:
    """``places`` are the references that yield nothing, ``problem`` the id of why (`wizard.vault.keyring_store.read`).
    ``bus`` is whether this session has a D-Bus, ``remote`` whether it came over SSH, ``system`` is ``sys.platform``;
    ``chosen`` is the backend that the person's environment names. ``cut`` are entries that are not whole."""

    places: tuple[str, ...] = ()
    problem: str = ""
    bus: bool = False
    remote: bool = False
    system: str = "linux"
    chosen: str = ""
    cut: tuple[Cut, ...] = ()

    def seen(self) -> str:
        """Whether it gives what is kept in it."""
        if self.problem:
            return f"{', '.join(self.places)}: {self.problem}"
        return f"{self.cut[0].place} is cut off" if self.cut else "the keyring gives what is kept in it"
