"""Which client this program is at an authorization server, in the order of MCP-B2: given beforehand, by a metadata
document of its own, registered now (RFC 7591), else the person has to register it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urlsplit

from wizard.livetest import LIKELY, Evidence
from wizard.secret import Secret

from .client_auth import BASIC, KEY, POST, PUBLIC, OAuthClient
from .model import ServerMetadata
from .problems import OAuthProblem
from .registration_wall import wall

if TYPE_CHECKING:
    from wizard.transport import Reply, Transport

GIVEN: Final = "given"
DOCUMENT: Final = "metadata-document"
DYNAMIC: Final = "dynamic"
NAME: Final = "authwizard"
_ID: Final = re.compile(r"[\x20-\x7E]{1,2000}")
"""RFC 6749 appendix A.1; the length is ours, for it stands in an address that a browser is given."""
_LONGEST_SECRET: Final = 64_000
_CODE: Final = re.compile(r"[A-Za-z0-9_.-]{1,60}")


@dataclass(frozen=True, slots=True)
class Given:
    """What the person or the catalogue knows of the client: all may be empty. ``document`` is the address of a client
    ID metadata document (draft-ietf-oauth-client-id-metadata-document-00)."""

    id: str = ""
    secret: Secret | None = None
    authentication: str = ""
    document: str = ""
    private_key: Secret | None = None
    algorithm: str = ""


class Clients(Protocol):
    """The clients that were registered before, each for one issuer and no other (MCP-B11)."""

    def get(self, issuer: str, redirect_uri: str) -> OAuthClient | None:
        """The client that this issuer registered for this redirect URI."""
        ...

    def put(self, issuer: str, redirect_uri: str, client: OAuthClient, answer: Mapping[str, object]) -> None:
        """Keep what this issuer answered."""
        ...

    def registering(self, issuer: str) -> AbstractAsyncContextManager[None]:
        """The right to register with this issuer, had by one program at a time."""
        ...


class Remembered:
    """`Clients` for as long as one job lasts."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], OAuthClient] = {}

    def get(self, issuer: str, redirect_uri: str) -> OAuthClient | None:
        """See `Clients`."""
        return self._held.get((issuer, redirect_uri))

    def put(self, issuer: str, redirect_uri: str, client: OAuthClient, answer: Mapping[str, object]) -> None:  # noqa: ARG002  as `Clients`
        """See `Clients`."""
        self._held[issuer, redirect_uri] = client

    def registering(self, issuer: str) -> AbstractAsyncContextManager[None]:  # noqa: ARG002  as `Clients`
        """See `Clients`: nobody else has these."""
        return nullcontext()


@dataclass(frozen=True, slots=True)
class Registered:
    """``how`` is `GIVEN`, `DOCUMENT` or `DYNAMIC`; ``number`` is the exchange's where one was needed."""

    client: OAuthClient
    how: str
    number: int = 0


async def client_for(
    server: ServerMetadata,
    given: Given,
    redirect_uri: str,
    transport: Transport,
    *,
    scopes: tuple[str, ...] = (),
    grants: tuple[str, ...] = ("authorization_code", "refresh_token"),
    clients: Clients | None = None,
    guide: tuple[str, ...] = (),
) -> Registered:
    """The client to be used. ``guide`` are the steps by which a person registers one here, where they are known.

    Raises: OAuthProblem where there is none, or registering is refused.
    """
    if given.id:
        return Registered(known(server, given), GIVEN)
    if given.document and server.takes_client_metadata:
        return Registered(OAuthClient(_document(given.document), None, PUBLIC), DOCUMENT)
    held: Clients = Remembered() if clients is None else clients
    async with held.registering(server.issuer):
        if (kept := held.get(server.issuer, redirect_uri)) is not None:
            return Registered(kept, DYNAMIC)
        if server.registration_endpoint:
            client, answer, number = await _register(server, redirect_uri, scopes, grants, transport)
            held.put(server.issuer, redirect_uri, client, answer)
            return Registered(client, DYNAMIC, number)
    raise _nobody(server, given, redirect_uri, guide)


def known(server: ServerMetadata, given: Given) -> OAuthClient:
    """The client that was given beforehand, as this server wants to be shown who it is."""
    if given.private_key is not None:
        return OAuthClient(
            given.id,
            authentication=KEY,
            private_key=given.private_key,
            algorithm=given.algorithm,
            audience=server.issuer,
        )
    if given.secret is None:
        return OAuthClient(given.id, None, PUBLIC)
    return OAuthClient(given.id, given.secret, given.authentication or _way(server))


def _way(server: ServerMetadata) -> str:
    """How a secret is shown here. RFC 8414 section 2: where nothing is said, by the Authorization header."""
    offered = server.token_endpoint_auth_methods_supported
    return POST if offered is not None and BASIC not in offered and POST in offered else BASIC


def _document(url: str) -> str:
    """MCP-B4: https, with a path."""
    parts = urlsplit(url)
    if parts.scheme != "https" or parts.path in ("", "/") or parts.fragment or "@" in parts.netloc:
        raise OAuthProblem(
            "client-metadata-url-unusable",
            "The address of the client's metadata document is none that may be used.",
            "It has to be https, with a path, without a user name and without a fragment.",
            ["Give the address where the document lies: --set client_metadata_url=https://host/path"],
        )
    return url


async def _register(
    server: ServerMetadata,
    redirect_uri: str,
    scopes: tuple[str, ...],
    grants: tuple[str, ...],
    transport: Transport,
) -> tuple[OAuthClient, Mapping[str, object], int]:
    offered = server.token_endpoint_auth_methods_supported
    way = next((w for w in (PUBLIC, BASIC, POST) if offered is None or w in offered), PUBLIC)
    wanted: dict[str, object] = {
        "client_name": NAME,
        "grant_types": [g for g in grants if _grants(server, g)],
        # left out it would mean "code", which goes with a redirect URI (RFC 7591 sections 2 and 2.1)
        "response_types": ["code"] if redirect_uri else [],
        "token_endpoint_auth_method": way,
        "application_type": "native",
        **({"redirect_uris": [redirect_uri]} if redirect_uri else {}),
        **({"scope": " ".join(scopes)} if scopes else {}),
    }
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    async with transport.stream(
        "POST", server.registration_endpoint, headers=headers, body=json.dumps(wanted).encode()
    ) as answer:
        content = await answer.read()
        found = _object(content)
        texts = {n: v for n in _SECRETS if isinstance(v := found.get(n), str)}
        held = {n: Secret(v) for n, v in texts.items() if 0 < len(v) <= _LONGEST_SECRET}
        # made known before the exchange is recorded, at the end of this block
        transport.know(*held.values())
    from wizard.exchange import Reply

    reply = Reply(answer.status, answer.headers, content, server.registration_endpoint, answer.number)
    named = found.get("client_id")
    if (
        reply.status not in (200, 201)
        or not isinstance(named, str)
        or not _ID.fullmatch(named)
        or "error" in found
    ):
        problem = _refused(reply, found, server, redirect_uri, transport)
        if reply.status == 403 and "error" not in found:
            problem = await wall(server.registration_endpoint, wanted, redirect_uri, transport) or problem
        raise problem
    secret = held.get("client_secret")
    told = found.get("token_endpoint_auth_method")
    if isinstance(told, str) and told in (PUBLIC, BASIC, POST):
        way = told
    elif secret is not None and offered is None:
        way = BASIC
    uris = found.get("redirect_uris")
    told_uris = tuple(u for u in uris if isinstance(u, str)) if isinstance(uris, list) else ()
    if secret is None or way == PUBLIC:
        return OAuthClient(named, None, PUBLIC, redirect_uris=told_uris), found, reply.number
    return OAuthClient(named, secret, way, redirect_uris=told_uris), found, reply.number


_SECRETS: Final = ("client_secret", "registration_access_token")


def _grants(server: ServerMetadata, grant: str) -> bool:
    """Whether a grant may be registered: each that is offered, and where nothing is said all of them (MCP-C14)."""
    return server.grant_types_supported is None or grant in server.grant_types_supported


def _object(content: bytes) -> Mapping[str, object]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _refused(
    reply: Reply,
    found: Mapping[str, object],
    server: ServerMetadata,
    redirect_uri: str,
    transport: Transport,
) -> OAuthProblem:
    error = found.get("error")
    code = error if isinstance(error, str) and _CODE.fullmatch(error) else ""
    says = found.get("error_description")
    words = " ".join(transport.redact(says if isinstance(says, str) else "").split())[:300]
    words = "".join(c for c in words if c.isprintable())
    where = transport.redact(server.registration_endpoint)
    lacks = "and names no client id that can be sent" if reply.status in (200, 201) and not code else code
    answered = f"answered {reply.status} {lacks}".rstrip()
    seen = Evidence("registration", f"POST {where} is {answered}")
    said = (Evidence("registration", words),) if words else ()
    lowered = f"{code} {words}".lower()
    detail = f"It {answered}" + (f": {words}" if words else ".")
    if reply.status == 429:
        return _too_often(where, reply, (seen, *said))
    if "redirect" in lowered:
        which = f"with the redirect URI {redirect_uri}" if redirect_uri else "that has no redirect URI"
        return OAuthProblem(
            "dcr-redirect-not-allowlisted",
            f"The authorization server does not register a client {which}.",
            detail,
            evidence=(seen, *said),
        )
    if "trusted hosts" in lowered or "policy" in lowered:
        return OAuthProblem(
            "dcr-rejected-by-policy-keycloak",
            "The authorization server offers to register clients, and its policy refuses this one.",
            detail,
            evidence=(seen, *said),
        )
    usable = "json" in (reply.headers.get("content-type") or "").lower()
    return OAuthProblem(
        "registration-refused",
        "The authorization server refuses to register this program as a client.",
        detail if usable or code else f"It answered {reply.status}, and no reason that can be read.",
        evidence=(seen, *said),
    )


def _too_often(where: str, reply: Reply, seen: tuple[Evidence, ...]) -> OAuthProblem:
    """Who asked so often only the server's log tells; of one registration alone it is not."""
    wait = (reply.headers.get("retry-after") or "")[:40]
    named = (Evidence("registration", f"Retry-After: {wait}"),) if wait else ()
    return OAuthProblem(
        "auth-loop-causes-429",
        f"{where} wants no more registrations now: something asks it too often.",
        f"It answered 429, Retry-After: {wait}." if wait else "It answered 429.",
        evidence=(*seen, *named),
        certainty=LIKELY,
    )


def _nobody(server: ServerMetadata, given: Given, redirect_uri: str, guide: tuple[str, ...]) -> OAuthProblem:
    also = " nor takes a metadata document" if given.document else ""
    return OAuthProblem(
        "registration-endpoint-missing",
        f"{server.issuer} does not register clients by itself{also}: this program needs a client id.",
        f"Its redirect URI is {redirect_uri}" if redirect_uri else "",
        [
            *(
                guide
                or (
                    f"Register a client at {server.issuer}: a public (native) one, authorization code with PKCE.",
                )
            ),
            *([f"Its redirect URI is exactly {redirect_uri}"] if redirect_uri else []),
            "Then give its id: --set client_id=ID (and, if it has one, --secret client_secret=env:VAR).",
        ],
        evidence=(Evidence("discovery", f"{server.url or server.issuer} names no registration_endpoint"),),
    )
