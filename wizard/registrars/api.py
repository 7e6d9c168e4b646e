"""One request to a provider's API, in JSON, and what a refusal says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from wizard.secret import Secret

from .model import RegistrarRefused

if TYPE_CHECKING:
    from wizard.exchange import Reply
    from wizard.transport import Transport


class Api:
    """``base`` is the address before every path; ``headers`` carry the credential and go to no other origin."""

    def __init__(self, base: str, headers: Mapping[str, Secret | str], transport: Transport) -> None:
        self.base = base.rstrip("/")
        self._headers = headers
        self.transport = transport
        transport.know(*(v for v in headers.values() if isinstance(v, Secret)))

    async def ask(self, method: str, path: str, body: object = None) -> Reply:
        """The answer, whatever it is. Raises: TransportError."""
        headers = dict(self._headers) | {"Accept": "application/json"}
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(body).encode()
        return await self.transport.send(method, self.base + path, headers=headers, body=content)

    def shown(self, text: object) -> str:
        """What an answer says, fit to be shown: redacted, on one line, short."""
        words = " ".join(self.transport.redact(str(text)).split())[:300]
        return "".join(c for c in words if c.isprintable())


def json_of(reply: Reply) -> object:
    """The answer's JSON; None where it is none."""
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        return None


def table_of(reply: Reply) -> Mapping[str, object]:
    """The answer's JSON object; empty where it is none."""
    found = json_of(reply)
    return found if isinstance(found, dict) else {}


def rows_of(found: object) -> tuple[Mapping[str, object], ...]:
    """The objects of a list; what is no object is passed over."""
    return tuple(row for row in found if isinstance(row, dict)) if isinstance(found, list) else ()


def text_of(row: Mapping[str, object], name: str) -> str:
    """A member that is a text; empty where it is none."""
    value = row.get(name)
    return value if isinstance(value, str) else ""


def texts_of(row: Mapping[str, object], name: str) -> tuple[str, ...]:
    """A member that is a list of texts."""
    value = row.get(name)
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()


def no_list(api: Api, path: str) -> RegistrarRefused:
    """The answer is not what the API is documented to give."""
    return RegistrarRefused(
        "registrar-answer-unreadable",
        "The provider's API answered something else than its list of clients.",
        f"GET {api.shown(api.base + path)} gave no such JSON.",
        ["Check the address after --at: it must be the provider's own, not a page in front of it."],
    )
