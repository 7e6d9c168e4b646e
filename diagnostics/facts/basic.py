"""What can be told of a Basic credential without asking anybody."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BasicPair:
    """The form of a user name and password as they are sent (RFC 7617 section 2); none of their text.

    ``readable`` is False where it is no base64 of UTF-8 text. ``colon`` says that a colon stands between the two,
    ``domain`` that the user name begins with one (``CORP\\alice``), ``email`` that it is one, ``ascii`` that both hold
    nothing else, ``edges`` that a space stands at an end of one of them, ``empty`` names the one that is empty.
    ``documented`` is True where the service's document says that it takes such a pair.
    """

    readable: bool
    colon: bool = False
    domain: bool = False
    email: bool = False
    ascii: bool = True
    edges: bool = False
    empty: str = ""
    documented: bool = False

    def seen(self) -> str:
        """The form of the user name."""
        if not self.readable:
            return "the Basic credential is no base64 text"
        if not self.colon:
            return "the Basic credential holds no colon"
        if self.empty:
            return f"the {self.empty} is empty"
        return f"user name {self.form()}, and a password"

    def form(self) -> str:
        """What kind of user name it is."""
        if self.domain:
            return "with a domain"
        return "that is an email address" if self.email else "without a domain"
