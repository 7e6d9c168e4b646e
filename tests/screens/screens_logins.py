"""A login on the screens: the person's browser, what they are asked, and a draft to log in for."""

from __future__ import annotations

import asyncio
import socket
import urllib.error
import urllib.parse
import urllib.request

from oddities.odd_server import OddServer

from screens import jobs
from screens.app import Authwizard
from screens.login.panel import LoginPanel
from screens.setup.flow import make
from screens.setup.work import Work
from wizard import catalogue, setup
from wizard.setup import Draft


class _Stays(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def _get(url: str) -> str:
    """Ask once; where the answer leads."""
    opener = urllib.request.build_opener(_Stays, urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=20) as page:
            page.read()
            return ""
    except urllib.error.HTTPError as answer:
        with answer:
            return str(answer.headers.get("location") or "")


async def led(address: str) -> str:
    """Where a browser with somebody signed in is sent back to."""
    return await asyncio.to_thread(_get, address)


def address(app: Authwizard) -> str:
    """The address that the person is asked to open."""
    asked = app.screen.query_one(LoginPanel).asked
    assert asked is not None
    return asked.url


def back_to(app: Authwizard) -> tuple[str, int]:
    """The redirect URI in it, and its port."""
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(address(app)).query)
    uri = query["redirect_uri"][0]
    return uri, urllib.parse.urlsplit(uri).port or 0


def listens(port: int) -> bool:
    with socket.socket() as one:
        one.settimeout(5)
        return one.connect_ex(("127.0.0.1", port)) == 0


def draft(server: OddServer, method: str = "authorization_code", **settings: str) -> Draft:
    service = catalogue.load().get("mcp")
    made = setup.with_service(setup.new(), service, service.environments[0], server.mcp)
    made = setup.with_method(made, next(m for m in service.methods if m.id == method))
    for name, text in settings.items():
        made = setup.with_setting(made, name, text)
    return made


def program(made: Draft) -> Authwizard:
    class Program(Authwizard):
        async def on_ready(self) -> None:
            await self.push_screen(make("test", Work(jobs.tester, jobs.prover), made))

    return Program()
