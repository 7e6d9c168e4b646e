"""What is known of clients that are registered at a provider, or are to be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RedirectUris:
    """Redirect URIs by the name of their client; ``where`` is who registers them, or the file that names them."""

    where: str
    by_client: tuple[tuple[str, tuple[str, ...]], ...]

    def seen(self) -> str:
        """How many there are."""
        count = sum(len(uris) for _, uris in self.by_client)
        return f"{count} redirect URIs of {len(self.by_client)} clients at {self.where}"
