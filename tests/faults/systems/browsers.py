"""Systems that are well: logins in a browser that came to their end, and logins that programs keep."""

from __future__ import annotations

from support.hars import CHROME, FIREFOX, SAFARI, Har, authorize, query, value

from ..fault import Words, system
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
