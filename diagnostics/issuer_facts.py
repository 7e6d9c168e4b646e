"""How a token stands after its issuer was asked about it."""

from __future__ import annotations

from dataclasses import dataclass

from wizard.livetest import Evidence


@dataclass(frozen=True, slots=True)
class Standing:
    """``signed``: a published key made the signature. ``taken``: another endpoint of the issuer took the token (user
    info, FusionAuth's validate). ``expired`` by its own time. ``forged``: a key of the issuer did not make the
    signature. ``refused``: such an endpoint did not take it. ``evidence`` says each."""

    signed: bool = False
    taken: bool = False
    expired: bool = False
    forged: bool = False
    refused: bool = False
    evidence: tuple[Evidence, ...] = ()

    @property
    def bad(self) -> bool:
        """Whether anything but introspection speaks against it."""
        return self.expired or self.forged or (self.refused and not self.taken)

    def seen(self) -> str:
        """In a word or two."""
        if self.bad:
            return "the token is bad"
        return "the token is good" if self.signed or self.taken else "nobody says how the token stands"
