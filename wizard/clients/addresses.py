"""A key in the address of a server: written in a client's reference syntax, and read back out of it.

No client percent-encodes what it puts in place of a reference, so a secret that an address cannot hold as it stands
can only be written in full, encoded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qsl, quote, urlsplit

from ..entries import Entry, EntryPlan, Remote, RemotePlan, Slot, address
from ..errors import UsageError
from ..redaction import tells_a_secret
from ..secret import Secret
from ..urls import parted

_AS_IT_IS: Final = re.compile(r"[A-Za-z0-9\-._~!*'():@/?,=]*")
"""What RFC 3986 section 3.4 lets stand in a query and no server reads as something else."""
_REFERENCE: Final = re.compile(r"\$|\{(?:env|file):")
"""What begins a reference in some client's file."""
_PAIR: Final = re.compile(r"[?&]([^=&#]{1,200})=([^&#]*)")


def keyed(plan: EntryPlan) -> bool:
    """Whether a secret stands in the address: then no helper that gives headers can give it."""
    return isinstance(plan, RemotePlan) and any(isinstance(p, Slot) for v in plan.query.values() for p in v)


def written(plan: RemotePlan, reference: Callable[[Slot], str | Secret]) -> str:
    """The address with its parameters; ``reference`` gives a slot's text in the client's syntax, or its secret."""

    def text(part: str | Slot) -> str:
        if isinstance(part, str):
            return quote(part, safe="")
        found = reference(part)
        return found if isinstance(found, str) else quote(found.reveal(), safe="")

    more = "&".join(f"{quote(n, safe='')}={''.join(map(text, v))}" for n, v in plan.query.items())
    return f"{plan.url}{'&' if '?' in plan.url else '?'}{more}" if more else plan.url


def refuse(plan: EntryPlan, secret_of: Callable[[str], Secret | None], client: str, how: str) -> None:
    """Refuse a reference in an address to a secret that does not go into it unchanged."""
    if not isinstance(plan, RemotePlan):
        return
    for part in (p for value in plan.query.values() for p in value if isinstance(p, Slot)):
        secret = secret_of(part.field)
        if secret and not _AS_IT_IS.fullmatch(secret.reveal()):
            raise UsageError(
                "secret-needs-another-way",
                f"{client} puts this secret (`{part.field}`) into the address as it is, and it holds a character that"
                " means something else there.",
                f"--secrets {how} cannot carry it unchanged.",
                [
                    "If the server also takes it in a header, set it up that way: --method api_key_header",
                    "Else use --secrets inline, which writes it percent-encoded.",
                    "Nothing was written.",
                ],
            )


def read(raw: str, expand: Callable[[str, str], str]) -> tuple[str, dict[str, Secret]]:
    """The address of an entry without what may be secret in it, and those parameters: they are told by a reference
    in their place, or by their name."""
    referred = {name for name, value in _PAIR.findall(raw) if _REFERENCE.search(value)}
    whole = expand("url", raw)
    try:
        telling = {n for n, v in parse_qsl(urlsplit(whole).query) if v and tells_a_secret(n)}
        url, taken = parted(whole, referred | telling)
    except ValueError:
        return whole, {}
    return url, {name: Secret(value) for name, value in taken.items()}


def same(one: Entry, other: Entry) -> bool:
    """Whether two remote entries ask the same address, however it is divided."""
    if not isinstance(one, Remote) or not isinstance(other, Remote):
        return False

    def parts(entry: Remote) -> tuple[str, list[tuple[str, str]]]:
        whole = address(entry)
        return whole.partition("?")[0], sorted(parse_qsl(urlsplit(whole).query, keep_blank_values=True))

    return parts(one) == parts(other)
