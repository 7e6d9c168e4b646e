"""A token explained with its issuer's help: its keys, its user info, its introspection, and what follows from them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar

from wizard.errors import AuthwizardError
from wizard.livetest import Evidence, Finding, Step
from wizard.oauth.inspection import ClientKnown, Introspection, UserInfoAnswer, Validation
from wizard.oauth.signatures import INVALID, VALID, Signature
from wizard.secret import Secret

from . import token
from .engine import Facts, needs, supply
from .facts import Fact, JwtView
from .facts.issuer import Standing, is_for_user_info
from .guard import Broke, tried
from .token import TokenReport

if TYPE_CHECKING:
    from wizard.oauth.client_auth import OAuthClient
    from wizard.oauth.model import ServerMetadata
    from wizard.transport import Transport

_T = TypeVar("_T")

OnStep = Callable[[Step], None]
_OWN: Final = frozenset({Signature, Introspection, UserInfoAnswer, Standing})
"""Facts that this module gives; a rule that needs none of them judges something else."""
_REFUSED: Final = frozenset({400, 401, 403})
_NO_JWT: Final = "unsupported_token_type"
_NO_CLIENT: Final = (
    "the issuer answers only a client that it knows, and none was given: --set client_id=ID --secret"
    " client_secret=SOURCE"
)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is to be asked. ``keys`` is the address or file of a JWK set. ``client_id`` and ``client_secret`` are those
    of the client that introspects, ``authentication`` how it shows who it is (empty: as the metadata says). ``issuer``
    is for a token that does not name its own."""

    keys: str = ""
    verify: bool = False
    userinfo: bool = False
    introspect: bool = False
    client_id: str = ""
    client_secret: Secret | None = None
    authentication: str = ""
    issuer: str = ""

    @property
    def asks_issuer(self) -> bool:
        """Whether the issuer's metadata is needed."""
        return self.verify or self.userinfo or self.introspect


def _nobody(_: Step) -> None:
    return None


async def examine(
    secret: Secret,
    wishes: Wishes,
    transport: Transport,
    *,
    on_step: OnStep = _nobody,
    now: float | None = None,
) -> TokenReport:
    """Explain a token, and ask what is wished for. ``on_step`` hears of each question as it begins (``ok`` None) and as
    it ends. ``now`` is in seconds since 1970.

    What could not be asked stands in the report's ``not_examined``. Raises: FileProblem, JobError ``keys-unreadable``,
    TransportError for keys that the person named.
    """
    now = time.time() if now is None else now
    report = token.explain(secret, now=now)
    if report.kind == "empty" or not (wishes.keys or wishes.asks_issuer):
        return report
    asking = _Asking(token.cleaned(secret), report, wishes, transport, on_step)
    await asking.all()
    return asking.report(now)


class _Asking:
    def __init__(
        self, bare: Secret, report: TokenReport, wishes: Wishes, transport: Transport, on: OnStep
    ) -> None:
        self.bare, self.said, self.wishes, self.transport, self.on = bare, report, wishes, transport, on
        self.not_examined: dict[str, str] = {}
        self.keys: Mapping[str, object] | None = None
        self.source = ""
        self.signature: Signature | None = None
        self.introspection: Introspection | None = None
        self.info: UserInfoAnswer | None = None
        self.validation: Validation | None = None
        self.known: ClientKnown | None = None
        transport.know(bare, *((wishes.client_secret,) if wishes.client_secret else ()))

    async def all(self) -> None:
        if self.wishes.keys:
            await self._given_keys()
        if self.said.kind != "jwt" and (self.wishes.verify or self.wishes.keys):
            self.not_examined["signature"] = "only a JWT has a signature that can be checked"
        asks = self.wishes.userinfo or self.wishes.introspect
        server = await self._server() if asks or (self.wishes.verify and self.said.kind == "jwt") else None
        if server is not None:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keys_and_info(server))
                if self.wishes.introspect:
                    group.create_task(self._introspect(server))
            if self._doubtful():
                await self._tell_apart(server)
        self._check()

    async def _given_keys(self) -> None:
        from wizard.oauth import signatures

        place = self.wishes.keys
        is_url = "://" in place
        began = self._begin("keys", "the keys that you named")
        self.keys = await signatures.fetch(place, self.transport) if is_url else signatures.read(place)
        self.source = place
        self._end("keys", "the keys that you named", began, ok=True, seen=_count(self.keys))

    async def _server(self) -> ServerMetadata | None:
        """The metadata of the token's own issuer, or of the one that the person names for a token that does not say."""
        from wizard.oauth.discovery import server_metadata

        issuer = self.said.issuer or self.wishes.issuer
        named = self.wishes.issuer
        if named and self.said.issuer and named != self.said.issuer:
            why = f"the token is of {self.said.issuer}, and goes to no other issuer"
        elif not issuer:
            why = "the token does not say who issued it; name the issuer: --set issuer=https://..."
        elif not issuer.lower().startswith(("http://", "https://")):
            why = f"its issuer, `{issuer[:100]}`, is no address"
        else:
            title = "what the issuer publishes"
            return await self._tried("issuer", title, server_metadata(issuer, self.transport), _place)
        self.on(Step("issuer", "what the issuer publishes", False, "its metadata", why))
        self._without(why)
        return None

    async def _keys_and_info(self, server: ServerMetadata) -> None:
        from wizard.oauth import signatures

        if self.keys is None and self.said.kind == "jwt":
            if server.jwks_uri:
                title = "the issuer's keys"
                self.keys = await self._tried(
                    "signature", title, signatures.fetch(server.jwks_uri, self.transport), _count
                )
                self.source = server.jwks_uri
            elif self.wishes.verify:
                self.not_examined["signature"] = "the issuer's metadata names no keys (jwks_uri)"
        if self.wishes.userinfo:
            await self._ask_info(server)

    async def _ask_info(self, server: ServerMetadata) -> None:
        from wizard.oauth import inspection

        bound = self.said.claims.get("cnf")
        if isinstance(bound, Mapping) and "jkt" in bound:
            self.not_examined["user info"] = "the token is bound to a key that only its client holds (DPoP)"
            return
        self.info = await self._tried(
            "user info", "user info", inspection.user_info(server, self.bare, self.transport, self.keys)
        )

    async def _introspect(self, server: ServerMetadata) -> None:
        from wizard.oauth import inspection

        client = self._client(server)
        found = await self._tried(
            "introspection", "introspection", inspection.introspect(server, self.bare, self.transport, client)
        )
        if client is None and found is not None and found.status in _REFUSED and found.error != _NO_JWT:
            # RFC 7662 section 2.1: who asks has to say who they are, so that this says nothing of the token
            self.not_examined["introspection"] = _NO_CLIENT
        else:
            self.introspection = found

    def _client(self, server: ServerMetadata) -> OAuthClient | None:
        from wizard.oauth import inspection
        from wizard.oauth.client_auth import OAuthClient

        wishes = self.wishes
        if not wishes.client_id:
            return None
        way = wishes.authentication or inspection.authentication(server, secret=bool(wishes.client_secret))
        return OAuthClient(wishes.client_id, wishes.client_secret, way)

    def _doubtful(self) -> bool:
        """Whether something spoke against the token that may be no fault of its own."""
        asked = self.introspection
        inactive = asked is not None and asked.active is not True
        return inactive or (self.info is not None and not self.info.good)

    async def _tell_apart(self, server: ServerMetadata) -> None:
        """Whoever else of this issuer can say whether the token is good."""
        from wizard.oauth import inspection

        self._check()
        if self.signature is not None and self.signature.state == INVALID:
            return
        if inspection.validate_endpoint(server) and self.said.kind == "jwt":
            self.validation = await self._tried(
                "validate",
                "FusionAuth's validate endpoint",
                inspection.validate(server, self.bare, self.transport),
            )
        asked, client = self.introspection, self._client(server)
        if asked is None or asked.active is True:
            return
        if self.info is None and server.userinfo_endpoint and self._owed():
            await self._ask_info(server)
        if asked.active is False and client is not None and client.secret and server.token_endpoint:
            self.known = await self._tried(
                "client",
                "whether the issuer knows the client",
                inspection.client_known(server, client, self.transport),
            )

    def _owed(self) -> bool:
        """Whether user info should take the token."""
        return self.said.kind != "jwt" or is_for_user_info(self.said.claims)

    def _check(self) -> None:
        from wizard.oauth.signatures import check

        if self.keys is not None:
            self.signature = check(self.bare.reveal(), self.keys, self.source)

    async def _tried(
        self, what: str, title: str, job: Awaitable[_T], seen: Callable[[_T], str] | None = None
    ) -> _T | None:
        began = self._begin(what, title)
        try:
            found = await job
        except AuthwizardError as error:
            why = " ".join(p for p in (error.title, error.detail) if p)
            self._end(what, title, began, ok=False, seen=why)
            if what == "issuer":
                self._without(why)
            else:
                self.not_examined[what] = why
            return None
        words = seen(found) if seen else str(getattr(found, "said", "")) or "published"
        good = getattr(found, "good", None)
        ok = good if isinstance(good, bool) else getattr(found, "active", True)
        self._end(what, title, began, ok=ok is True, seen=self.transport.redact(words))
        return found

    def _without(self, why: str) -> None:
        """The issuer cannot be asked for anything."""
        wishes = self.wishes
        wanted = (
            ("signature", wishes.verify and not wishes.keys),
            ("user info", wishes.userinfo),
            ("introspection", wishes.introspect),
        )
        self.not_examined = {what: why for what, wish in wanted if wish} | self.not_examined

    def _begin(self, id: str, title: str) -> float:
        self.on(Step(id, title, None))
        return time.monotonic()

    def _end(self, id: str, title: str, began: float, *, ok: bool, seen: str) -> None:
        self.on(Step(id, title, ok, "", seen, "", time.monotonic() - began))

    def report(self, now: float) -> TokenReport:
        said, signature = self.said, self.signature
        expired = said.times.left is not None and said.times.left <= 0
        standing = _standing(signature, self.info, self.validation, expired=expired, owed=self._owed())
        view = JwtView(said.header, said.claims) if said.kind == "jwt" else None
        facts = (view, signature, self.introspection, self.info, self.known, standing)
        found = judged(*(f for f in facts if f is not None))
        if (self.wishes.verify or self.wishes.keys) and "signature" not in self.not_examined:
            state = signature.state if signature else "unchecked"
            if state == "unchecked":
                self.not_examined["signature"] = signature.seen() if signature else "it is no signed JWT"
        told = [c for c in found if c.cause not in {f.cause for f in said.findings}]
        warnings = said.warnings
        if any(f.cause == "jwt-alg-none-or-unsigned" for f in told):
            warnings = tuple(w for w in warnings if w.cause != "jwt-alg-none-or-unsigned")
        report = replace(
            said,
            signature=signature.state if signature else "unchecked",
            checked=signature,
            introspection=self.introspection,
            user_info=self.info,
            validation=self.validation,
            not_examined=tuple(self.not_examined.items()),
            findings=(*said.findings, *told),
            warnings=warnings,
        )
        active = self.introspection
        if view is None and active is not None and active.active:
            return token.with_claims(report, active.claims, now)
        return report


def _standing(
    signature: Signature | None,
    info: UserInfoAnswer | None,
    validation: Validation | None,
    *,
    expired: bool,
    owed: bool,
) -> Standing:
    said = [Evidence("signature", signature.seen())] if signature and signature.state == VALID else []
    said += [Evidence("user-info", info.seen())] if info and info.good else []
    said += [Evidence("validate", validation.seen())] if validation else []
    return Standing(
        signed=bool(signature and signature.state == VALID),
        taken=bool((info and info.good) or (validation and validation.good)),
        expired=expired,
        forged=bool(signature and signature.state == INVALID),
        refused=bool((owed and info and info.status == 401) or (validation and validation.status == 401)),
        evidence=tuple(said),
    )


def judged(*facts: Fact) -> tuple[Finding, ...]:
    """What follows from what an issuer said: the rules that look at it, the root first. Pure."""
    from . import causes, doctor
    from .causes.book import Cause, Verdict

    held = Facts({type(f): f for f in facts})
    spoken: list[tuple[Cause, Verdict]] = []
    for cause in causes.every():
        if not any(need.kind in _OWN for need in needs(cause.rule)):
            continue
        arguments = supply(cause.rule, held)
        verdict = tried(cause.rule, **arguments) if isinstance(arguments, dict) else None
        if verdict is not None and not isinstance(verdict, Broke):
            spoken.append((cause, verdict))
    return doctor.rooted(spoken)


def _place(server: ServerMetadata) -> str:
    return server.url


def _count(keys: Mapping[str, object]) -> str:
    held = keys.get("keys")
    number = len(held) if isinstance(held, list) else 0
    return f"{number} key{'' if number == 1 else 's'}"
