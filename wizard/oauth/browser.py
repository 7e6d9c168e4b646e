"""A login in the person's browser: authorization code, PKCE, and a loopback address for its way back."""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from wizard import browsing
from wizard.errors import TransportError, UsageError
from wizard.secret import Secret

from . import authorization, login_page
from .answer import AuthorizationAnswer, pasted
from .loopback import PORT, Loopback
from .person import BROWSER, Ask
from .problems import OAuthProblem
from .waiting import ssh_advice

if TYPE_CHECKING:
    from .client_auth import OAuthClient
    from .model import ServerMetadata
    from .token_endpoint import Granted
    from .walk import Walk, Wanted

_STEP: Final = "authorization"
_BUSY: Final = "callback-port-in-use-or-reserved"
_GRANTS: Final = ("authorization_code", "refresh_token")


async def by_browser(walk: Walk, server: ServerMetadata, wanted: Wanted) -> tuple[OAuthClient, Granted]:
    """The steps ``registration``, ``authorization`` and ``token``. Raises: as `wizard.oauth.flow.log_in`."""
    walk.check(server)
    began = time.monotonic()
    try:
        authorization.check_endpoint(server)
        authorization.check_pkce(server, walk.allow)
    except OAuthProblem as problem:
        walk.failed(_STEP, "a login with PKCE", problem, began)
        raise
    state = Secret(secrets.token_urlsafe(32))
    async with AsyncExitStack() as stack:
        back = await _listening(walk, server, wanted, state, stack)
        client = await walk.client(server, back.redirect_uri, wanted, *_GRANTS)
        asked = authorization.request(
            server,
            client,
            back.redirect_uri,
            state,
            scopes=wanted.scopes,
            resource=wanted.resource,
            provider=wanted.provider,
        )
        walk.transport.know(state, asked.verifier, *([asked.nonce] if asked.nonce else []))

        async def answered() -> Secret:
            # a redirect URI that was registered a moment ago needs no asking, unless another one was
            other = client.redirect_uris and back.redirect_uri not in client.redirect_uris
            if walk.given().id or walk.given().document or other:
                await _accepted(walk, asked, client)
            instead = ("device_code",) if server.device_authorization_endpoint else ()
            return authorization.code_of(
                asked, server, await _answer(walk, asked, back, instead, walk.unchosen(wanted))
            )

        code = await walk.step(_STEP, "a login", answered)
        walk.transport.know(code)
        walk.say(_STEP, True, "a login", "the browser came back with a code", time.monotonic() - began)
    grant: dict[str, str | Secret] = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": asked.redirect_uri,
        "code_verifier": asked.verifier,
        "resource": wanted.resource,
    }

    def of_this_login(granted: Granted) -> None:
        authorization.check_id_token(granted.id_token, asked, client.id)

    return client, await walk.token(server, client, grant, wanted, of_this_login)


async def _listening(
    walk: Walk, server: ServerMetadata, wanted: Wanted, state: Secret, stack: AsyncExitStack
) -> Loopback:
    """The way back, open. The port is the one that was named or registered; where this program registers itself just
    now, a free one does when the usual one is taken."""
    uri = urlsplit(walk.text("redirect_uri"))
    try:
        port = walk.person.port or uri.port
    except ValueError:
        port = None
    usual = urlsplit(wanted.provider.redirect_uri() if wanted.provider else "http://127.0.0.1/callback")
    host, path = uri.hostname or usual.hostname or "127.0.0.1", uri.path or usual.path
    title = walk.choice.called

    async def opened(port: int | None, instead: str = "") -> Loopback:
        back = Loopback(
            state,
            host=host,
            port=port,
            path=path,
            title=title,
            authorization_endpoint=server.authorization_endpoint,
            instead=instead,
        )
        return await stack.enter_async_context(back)

    try:
        return await opened(PORT if port is None else port)
    except OAuthProblem as problem:
        given = walk.given()
        if problem.id != _BUSY or port is not None or given.id or given.document:
            walk.failed(_STEP, "a free port", problem, time.monotonic())
            raise
        back = await opened(None, f"{problem.title} {problem.detail.partition('. ')[0]}.")
        walk.say(_STEP, None, "a login", f"{back.instead} Port {back.port} is used instead.")
        return back


async def _answer(
    walk: Walk,
    asked: authorization.Request,
    back: Loopback,
    instead: tuple[str, ...],
    more: tuple[str, ...],
) -> AuthorizationAnswer:
    """Open the browser and wait: for the browser to come back, or for the address that the person pastes."""
    person = walk.person
    url = asked.url.reveal()
    opened = person.opens and await _opened(url, back)
    person.ask(
        Ask(
            BROWSER,
            url,
            opened=opened,
            seconds=person.seconds,
            advice=ssh_advice(back.port, os.environ, back.host),
            instead=instead,
            more=more,
        )
    )
    waits = [asyncio.ensure_future(back.wait(person.seconds, person.budget, opened=opened))]
    if person.paste is not None:
        waits.append(asyncio.ensure_future(_pasted(walk, asked)))
    try:
        done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        return next(iter(done)).result()
    finally:
        for left in waits:
            left.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


async def _opened(url: str, back: Loopback) -> bool:
    """Whether a browser opened. One that is back already did, whether its command has ended or not."""
    opening = asyncio.ensure_future(asyncio.to_thread(browsing.open_page, url))
    coming = asyncio.ensure_future(back.answered())
    try:
        await asyncio.wait((opening, coming), return_when=asyncio.FIRST_COMPLETED)
        return coming.done() or opening.result()
    finally:
        coming.cancel()


async def _pasted(walk: Walk, asked: authorization.Request) -> AuthorizationAnswer:
    """What the person pastes, until it is the right address."""
    paste = walk.person.paste
    assert paste is not None  # noqa: S101  # only then is it called
    while True:
        text = await paste()
        try:
            return pasted(text, asked.redirect_uri, asked.state)
        except UsageError as error:
            if walk.person.wrong is not None:
                walk.person.wrong(error)
            else:
                walk.say(_STEP, None, "a login", error.title)


async def _accepted(walk: Walk, asked: authorization.Request, client: OAuthClient) -> None:
    """Ask for the login page once, without opening it: a client or redirect URI that is not registered is answered
    there and never reaches the loopback address, so that one would wait in vain. Raises: OAuthProblem."""
    try:
        reply = await walk.transport.send("GET", asked.url.reveal(), headers={"Accept": "text/html"})
    except TransportError:
        return
    if login_page.refused(reply, asked):
        problem = login_page.told(reply, asked, client.id)
        if isinstance(problem, authorization.RedirectRefused):
            problem.named = tuple(dict.fromkeys((*client.redirect_uris, *problem.named)))
        raise problem
