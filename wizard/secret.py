"""The one type that holds a secret. Its repr, str and format show nothing; `reveal` is the only way out."""

from __future__ import annotations

import hmac
from typing import Final, NoReturn

MASK: Final = "••••••••"

_LONG: Final = 24
_TAIL: Final = 2


class Secret:
    """A text that must not be shown.

    Search for ``.reveal(`` to find every place where a secret leaves this type. Not picklable, not copyable
    into a string by accident, compared in constant time.
    """

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text

    def reveal(self) -> str:
        """The secret itself: only to send it, to store it in a vault, or to look at its form."""
        return self.__text

    def hint(self) -> str:
        """What may be shown: the mask, the length, and of a long one the last two characters."""
        count = len(self.__text)
        if count == 0:
            return "empty"
        noun = "character" if count == 1 else "characters"
        tail = self.__text[-_TAIL:]
        if count >= _LONG and tail.isascii() and tail.isalnum():
            return f"{MASK}  {count} {noun}, ends in …{tail}"
        return f"{MASK}  {count} {noun}"

    def map(self, prefix: str = "", suffix: str = "") -> Secret:
        """A secret with text put before and after it, such as ``Bearer ``."""
        return Secret(f"{prefix}{self.__text}{suffix}")

    def __bool__(self) -> bool:
        return bool(self.__text)

    def __len__(self) -> int:
        return len(self.__text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(
            self.__text.encode("utf-8", "surrogatepass"), other.reveal().encode("utf-8", "surrogatepass")
        )

    def __hash__(self) -> int:
        return hash((Secret, self.__text))

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled")

    def __rich_repr__(self) -> list[str]:
        return ["…"]
