"""Where a draft's secret will be kept, as a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from .draft import Draft, secrets_of, sources_of

Store = tuple[str, str, str]
"""A store's id, its title, and why it cannot be used (empty when it can)."""


def says(draft: Draft, stores: Sequence[Store]) -> str:
    """Where the secret will be kept, and why not in the place that was asked for; `stores` are best first."""
    usable = [s for s in stores if not s[2]]
    references = list(sources_of(draft).values())
    if references and not draft.store:
        return f"The secret stays where it is: {', '.join(references)}."
    if not set(secrets_of(draft)) - set(sources_of(draft)) and not references:
        return "There is no secret to keep."
    chosen = next((s for s in stores if s[0] == draft.store), None) or next(iter(usable), None)
    if chosen is None:
        return "No place to keep the secret was found."
    refused = next((s[2] for s in stores if s[2] and s[0] != chosen[0]), "")
    return f"Kept in: {chosen[1]}. {refused}".strip()
