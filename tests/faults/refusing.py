"""Servers that refuse as a vendor or an identity provider does: the answer is a fault's own, the rest is alike."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from servers.scripted import Asked, Reply, Scripted

from .fault import Words
from .world import World


@dataclass(frozen=True)
class Api:
    """An API that knows one credential. ``known`` answers it; ``stranger`` everybody else; ``open`` are addresses that
    are open to all, by path."""

    known: Callable[[Asked], Reply]
    stranger: Reply = field(default_factory=lambda: Reply(401, {"message": "Bad credentials"}))
    open: Mapping[str, Reply] = field(default_factory=dict)

    def serve(self, world: World, credential: str, scheme: str = "Bearer") -> Scripted:
        """It, until the run ends."""

        def answer(asked: Asked) -> Reply:
            if asked.path in self.open:
                return self.open[asked.path]
            given = asked.headers.get("authorization", "")
            if given.lower() == f"{scheme} {credential}".lower() and given.endswith(credential):
                return self.known(asked)
            return self.stranger

        return world.serve(answer)


def made(begins: str = "", length: int = 36) -> str:
    """A credential that opens nothing."""
    return begins + secrets.token_hex(length)[:length]


def api(world: World, path: str, credential: str, answers: Api, *more: str) -> Words:
    """The doctor at an address of that API, with a credential in a file that everybody may read."""
    url = answers.serve(world, credential).url(path, world.variant.host)
    return ("doctor", url, "--kind", "api", "--credential", world.readable(credential), *more)


def always(status: int, body: object, **headers: str) -> Callable[[Asked], Reply]:
    """The same answer to every request; ``_`` in a header's name is a hyphen."""
    named = tuple((n.replace("_", "-"), v) for n, v in headers.items())
    return lambda _: Reply(status, body, headers=named)


def token_endpoint(world: World, status: int, body: object, path: str = "/oauth2/v2.0/token") -> Words:
    """The doctor at an API whose token endpoint answers so to a client with its secret, both ways of showing it."""

    def answer(asked: Asked) -> Reply:
        if asked.method == "POST" and asked.path.endswith("token"):
            return Reply(status, body)
        return Reply(401, {"error": "unauthorized"}, headers=(("WWW-Authenticate", "Bearer"),))

    site = world.serve(answer)
    secret = world.readable(made())
    return (
        *("doctor", site.url(world.variant.path, world.variant.host), "--kind", "api"),
        *("--method", "client_credentials", "--set", f"client_id={made('', 12)}"),
        *("--set", f"token_endpoint={site.url(path, world.variant.issuer_host)}"),
        *("--secret", f"client_secret={secret}"),
    )


def entra(code: str, says: str, error: str = "invalid_grant", **more: object) -> dict[str, object]:
    """As Entra's token endpoint answers."""
    trace = f"Trace ID: {made('', 32)} Correlation ID: {made('', 32)} Timestamp: 2026-11-20 08:15:42Z"
    return {
        "error": error,
        "error_description": f"{code}: {says} {trace}",
        "error_codes": [int(code.removeprefix("AADSTS"))],
        "timestamp": "2026-11-20 08:15:42Z",
        "error_uri": f"https://login.microsoftonline.com/error?code={code.removeprefix('AADSTS')}",
        **more,
    }
