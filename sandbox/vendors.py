"""Practice services that answer as a vendor's API does: one engine, and a table of answers for each vendor.

The tables stand in `sandbox.vendors_github` and its like, each answer with the page that documents it.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
import string
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from wizard.secret import Secret

from .sites import FALSE, NONE, REAL, Answer, Site, Verdict, bearer, known

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

EMAIL: Final = "practice@example.com"
_LETTERS: Final = string.ascii_letters + string.digits

Headers = Mapping[str, str]
Json = Mapping[str, object] | list[object] | str


@dataclass(frozen=True, slots=True)
class Page:
    """One address. ``scopes``: one of them is needed (none: no scope is); ``only`` are the credentials that it takes
    (none: all); ``open`` pages need no credential."""

    body: Json
    scopes: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    open: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """A credential that the vendor knows: how it begins, its scopes (None: this kind has none), and whether it was
    revoked since."""

    begins: str
    scopes: tuple[str, ...] | None = None
    revoked: bool = False


def _in_authorization(headers: Headers) -> str | None:
    return headers.get("authorization")


def by_bearer(headers: Headers) -> str | None:
    """The token of ``Authorization: Bearer``; empty for another scheme, None where there is no such header."""
    header = headers.get("authorization")
    return None if header is None else bearer(header) or ""


def by_basic(headers: Headers) -> str | None:
    """The pair ``user:password`` of ``Authorization: Basic``; empty for another scheme, None without the header."""
    header = headers.get("authorization")
    if header is None:
        return None
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded, validate=True).decode("utf-8", "replace")
    except ValueError:
        return ""


def by_raw(headers: Headers) -> str | None:
    """The whole value of ``Authorization``."""
    return _in_authorization(headers)


def _no_more(_: Vendor, __: Page, ___: Headers, ____: VendorSite) -> Answer | None:
    return None


def _alone(_: VendorSite, text: str) -> str:
    return text


def _nothing_added(_: Grant | None, __: Page | None) -> dict[str, str]:
    return {}


Handlers = Mapping[tuple[str, str], Callable[["Request"], Awaitable["Response"]]]
"""What answers, by method and path."""


class Issuing(Protocol):
    """The part of a vendor that issues tokens."""

    def pages(self) -> Handlers:
        """Its pages."""
        ...


@dataclass(frozen=True, slots=True)
class Vendor:
    """How one vendor answers.

    ``refused`` is given the path and what was presented (`NONE` or `FALSE`, or ``revoked``); ``lacks`` the page and
    the grant that does not suffice; ``added`` gives the headers of every other answer; ``before`` may answer in the
    page's place (a header that is missing). ``usual`` is the credential that a person would paste, ``pair`` puts one
    into the form in which it is presented, ``more`` makes texts that go with it (an email address). ``issues`` is for
    one that is an issuer of tokens too, with pages of its own that judge by themselves.
    """

    id: str
    base: str
    pages: Mapping[str, Page]
    grants: Mapping[str, Grant]
    presented: Callable[[Headers], str | None]
    refused: Callable[[str, str, VendorSite], Answer]
    lacks: Callable[[Page, Grant], Answer]
    missing: Answer
    added: Callable[[Grant | None, Page | None], dict[str, str]] = _nothing_added
    before: Callable[[Vendor, Page, Headers, VendorSite], Answer | None] = _no_more
    usual: str = "token"
    pair: Callable[[VendorSite, str], str] = _alone
    more: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    length: int = 36
    issues: Callable[[VendorSite], Issuing] | None = None


class VendorSite(Site):
    """One vendor's practice API. ``demands`` is what a fault adds: a word that the vendor's ``before`` looks at."""

    def __init__(self, vendor: Vendor, origin: str, closing: asyncio.Event) -> None:
        super().__init__(origin, closing)
        self.id = vendor.id
        self.vendor = vendor
        self.url = origin + vendor.base
        self.demands = ""
        self.credentials = {name: made(g.begins, vendor.length) for name, g in vendor.grants.items()}
        self.credentials |= {name: Secret(make()) for name, make in vendor.more.items()}
        self._known = {
            name: Secret(vendor.pair(self, self.credentials[name].reveal())) for name in vendor.grants
        }
        self.grants = dict(vendor.grants)
        self.hand_out(self.credentials[vendor.usual])
        self.issuer = vendor.issues(self) if vendor.issues else None
        own = self.issuer.pages() if self.issuer else {}
        self.open_paths = frozenset(path for path, page in vendor.pages.items() if page.open)
        self.open_paths |= {path for _, path in own if path not in vendor.pages}

    def judge(self, headers: Headers) -> Verdict:
        """The credential that these headers present, as the vendor knows it."""
        given = self.vendor.presented(headers)
        name = known(self._known, given) if given else ""
        if not name:
            kind = NONE if given is None else FALSE
            return Verdict(kind, refusal=self.vendor.refused("", kind, self))
        grant = self.grants[name]
        if grant.revoked:
            return Verdict(FALSE, name, refusal=self.vendor.refused("", "revoked", self))
        tenant = headers.get("x-fusionauth-tenantid", "")
        return Verdict(REAL, name, EMAIL, tenant, grant.scopes or ())

    def routes(self) -> list[BaseRoute]:
        """One handler for every page, after those of an issuer."""
        from starlette.routing import Route

        own = self.issuer.pages() if self.issuer else {}
        first = [Route(path, handler, methods=[method]) for (method, path), handler in own.items()]
        return [*first, Route("/{path:path}", self._page, methods=["GET"])]

    def issue(self, token: Secret, grant: Grant, like: str, presented: str = "") -> None:
        """Know a token from now on, of the kind of the credential ``like``; ``presented`` is the form in which
        `Vendor.presented` finds it."""
        name = f"{like}#{len(self.grants)}"
        self.grants[name] = grant
        self._known[name] = Secret(presented or token.reveal())

    def false_credential(self) -> None:
        """A credential of the right form that this vendor does not know."""
        self.hand_out(made(self.vendor.grants[self.vendor.usual].begins, self.vendor.length))

    def hand_out(self, credential: Secret) -> None:
        """Name this one as the usual credential, by the vendor's own word for it and as ``token``."""
        self.credentials["token"] = self.credentials[self.vendor.usual] = credential

    async def _page(self, request: Request) -> Response:
        from starlette.responses import JSONResponse, PlainTextResponse

        verdict: Verdict = request.state.verdict
        grant = self.grants.get(verdict.credential)
        page = self.vendor.pages.get(request.url.path)
        answer = self._answer(page, grant, verdict, request.headers)
        if answer is not None:
            headers = self.vendor.added(grant, page) | dict(answer.headers)
            make = PlainTextResponse if isinstance(answer.body, str) else JSONResponse
            return make(answer.body, answer.status, headers)
        assert page is not None  # noqa: S101  # `_answer` answers for a page that is not there
        return JSONResponse(page.body, 200, self.vendor.added(grant, page))

    def _answer(
        self, page: Page | None, grant: Grant | None, verdict: Verdict, headers: Headers
    ) -> Answer | None:
        """What is answered in the page's place; None where the page itself is."""
        if page is None:
            return self.vendor.missing
        if page.open or grant is None:
            return None
        if page.only and verdict.credential.partition("#")[0] not in page.only:
            return self.vendor.refused(",".join(page.only), "kind", self)
        if page.scopes and grant.scopes is not None and not set(page.scopes) & set(grant.scopes):
            return self.vendor.lacks(page, grant)
        return self.vendor.before(self.vendor, page, headers, self)


def made(begins: str, length: int = 36) -> Secret:
    """A new credential that begins so and opens nothing else."""
    return Secret(begins + "".join(secrets.choice(_LETTERS) for _ in range(length)))


def site(id: str, origin: str, closing: asyncio.Event) -> VendorSite:
    """The practice service of one vendor; `IDS` are those there are."""
    from . import (
        vendors_atlassian,
        vendors_fusionauth,
        vendors_github,
        vendors_google,
        vendors_notion,
        vendors_slack,
    )

    modules = (
        vendors_github,
        vendors_slack,
        vendors_notion,
        vendors_atlassian,
        vendors_google,
        vendors_fusionauth,
    )
    return VendorSite({m.VENDOR.id: m.VENDOR for m in modules}[id], origin, closing)


IDS: Final = ("github", "slack", "notion", "atlassian", "google", "fusionauth")
