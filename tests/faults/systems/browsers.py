"""Systems that are well: logins in a browser that came to their end, and logins that programs keep."""

from __future__ import annotations

import os
import time

from support.hars import CHROME, FIREFOX, SAFARI, Har, authorize, query, value

from ..fault import Words, system
from ..layers.kept_cache import bridge, client_info, entry, kept, tokens
from ..world import World


@system()
def a_login_that_a_browser_recorded(world: World) -> Words:
    """With two logins, a cookie of a strict site, a form that posts the answer, and other sites' cookies refused."""
    har = Har(world.pick(CHROME, FIREFOX, SAFARI))
    site = world.pick("https://app.acme.test", "https://wiki.team.test", "https://x.example.test")
    idp = world.pick(
        "https://sso.acme.test/authorize", "https://login.idp.test/oauth2/authorize", "https://id.test/a"
    )
    har.ask("https://ads.test/p", kind="image", sets=(f"uid={value()}; SameSite=None",))
    for _ in range(2):
        state, csrf, session = value(), value(), value()
        asked = authorize(idp, "web", f"{site}/callback", state)
        flags = "Path=/; Secure; HttpOnly; SameSite=Lax"
        har.ask(
            f"{site}/login",
            302,
            to=asked,
            sets=(f"csrf={csrf}; {flags}", f"strict={value()}; SameSite=Strict"),
        )
        har.ask(asked, page="<h1>Sign in</h1>")
        answer = query(f"{site}/callback", code=value(), state=state)
        har.ask(f"{idp}/login", 302, method="POST", form={"user": "a", "password": value()}, to=answer)
        har.ask(answer, 302, to=f"{site}/", cookie=f"csrf={csrf}", sets=(f"session={session}; {flags}",))
        har.ask(f"{site}/", page="<h1>Welcome</h1>", cookie=f"session={session}")
        har.ask(
            f"{site}/logout", 302, to=f"{site}/", cookie=f"session={session}", sets=("session=; Max-Age=0",)
        )
        har.ask(f"{site}/", page="<h1>Bye</h1>")
    return ("doctor", "--har", str(world.file("Downloads/login.har", har.text())))


@system()
def a_login_that_the_bridge_keeps(world: World) -> Words:
    """Usable; ended a while ago and to be renewed; just begun by a process that lives."""
    server = world.protected()
    words = entry(world, server.mcp, "cursor")
    info = client_info(server)
    if world.variant.number == 0:
        bridge(world, server.mcp, ago=900, code_verifier_txt=value(), client_info=info)
        bridge(world, server.mcp, ago=890, tokens=tokens(left=2700))
    elif world.variant.number == 1:
        bridge(world, server.mcp, ago=90000, code_verifier_txt=value(), client_info=info)
        bridge(world, server.mcp, ago=89990, tokens=tokens(left=-86000))
    else:
        lock = {"pid": os.getpid(), "port": 3334, "timestamp": int((time.time() - 20) * 1000)}
        bridge(world, server.mcp, ago=20, code_verifier_txt=value(), client_info=info, lock=lock)
    return words


@system()
def a_login_that_claude_code_keeps(world: World) -> Words:
    """Usable, or to be renewed, while another process of it writes."""
    server = world.protected()
    words = entry(world, server.mcp, "claude-code")
    file = kept(world, server.mcp, left=world.pick(1800, -600, 1800), ago=world.pick(60, 4200, 1800))
    if world.variant.number == 2:
        (file.parent / ".storage-write.lock").mkdir()
    return words


@system()
def a_login_at_the_bridge_that_nobody_finished(world: World) -> Words:
    """The browser was closed, once or twice; the login of before, if any, is good."""
    server = world.protected()
    words = entry(world, server.mcp, "cursor")
    bridge(world, server.mcp, ago=7200, code_verifier_txt=value(), client_info=client_info(server))
    if world.variant.number == 1:
        bridge(world, server.mcp, ago=9000, tokens=tokens(left=1800))
    return words
