"""Faults of the layer session-cookie: what a browser recorded of a login that goes round."""

from __future__ import annotations

from support.hars import CHROME, FIREFOX, SAFARI, Har, authorize, query, value

from ..fault import Words, fault
from ..world import World


def recorded(world: World, har: Har) -> Words:
    """The doctor, asked about this recording."""
    return ("doctor", "--har", str(world.file("Downloads/login.har", har.text())))


def begun(world: World, **behind: float) -> Har:
    """A recording that begins with what has nothing to do with the login."""
    har = Har(world.pick(CHROME, FIREFOX, SAFARI), behind)
    har.ask("https://cdn.assets.test/app.css", kind="stylesheet")
    har.ask("https://metrics.ads.test/p.gif", sets=(f"uid={value()}; SameSite=None",), kind="image")
    return har


@fault("state-mismatch-cookie-lost", source="oauth2-proxy/oauth2-proxy#1663", herring="")
def strict_cookie(world: World) -> Words:
    """SameSite=Strict; a path that does not cover the callback; a callback at another host."""
    app, back, name, flags, words = world.pick(
        (
            "https://grafana.acme.test/login/oauth",
            "https://grafana.acme.test/oauth2/callback",
            "__Host-OAUTH_csrf",
            "Path=/; Secure; HttpOnly; SameSite=Strict",
            "403 Forbidden. Unable to find a valid CSRF token. Please try again.",
        ),
        (
            "https://tools.example.test/auth/start",
            "https://tools.example.test/callback",
            "oauth_state",
            "Path=/auth; Secure; HttpOnly; SameSite=Lax",
            "mismatching_state: CSRF Warning! State not equal in request and response.",
        ),
        (
            "https://www.intern.test/sso/login",
            "https://intern.test/sso/cb",
            "session",
            "Path=/; Secure; SameSite=Lax",
            "login.OAuthLogin(state mismatch)",
        ),
    )
    idp = world.pick(
        "https://sso.idp.test/authorize", "https://id.corp.test/oauth2/v1/authorize", "https://kc.x.test/a"
    )
    har, state = begun(world), value()
    asked = authorize(idp, "web", back, state)
    har.ask(app, 302, to=asked, sets=(f"{name}={value()}; {flags}", "theme=dark; Path=/"))
    har.ask(asked, page="<h1>Sign in</h1>", sets=(f"AUTH_SESSION={value()}; Path=/; Secure; SameSite=None",))
    answer = query(back, code=value(), state=state)
    har.ask(idp.replace("authorize", "login"), 302, method="POST", form={"password": value()}, to=answer)
    har.ask(answer, world.pick(403, 500, 500), page=f"<p>{words}</p>", cookie="theme=dark")
    return recorded(world, har)


@fault("duplicate-or-parallel-csrf-cookies", source="oauth2-proxy/oauth2-proxy#2606", herring="")
def two_cookies(world: World) -> Words:
    """One for the parent domain and one for the host; two tabs; requests in the background that begin logins too."""
    host = world.pick("wiki.acme.test", "dash.team.test", "reports.example.test")
    name = world.pick("_oauth2_proxy_csrf", "oauth_csrf", "auth_state")
    start, back = f"https://{host}/oauth2/start", f"https://{host}/oauth2/callback"
    idp, har = "https://login.idp.test/oauth2/authorize", begun(world)
    states, values = [value(), value()], [value(), value()]
    flags = "Path=/; Secure; HttpOnly; SameSite=Lax"
    if world.variant.number == 0:
        har.ask(f"https://{host}/", 403, sets=(f"{name}={values[0]}; Domain=.acme.test; {flags}",))
        har.ask(start, 302, to=authorize(idp, "w", back, states[1]), sets=(f"{name}={values[1]}; {flags}",))
        cookie = f"{name}={values[0]}; {name}={values[1]}"
    else:
        kind = world.pick("", "document", "xhr")
        asked = [authorize(idp, "w", back, s) for s in states]
        har.ask(start, 302, to=asked[0], sets=(f"{name}={values[0]}; {flags}",))
        har.ask(asked[0], page="<form>Password</form>")
        first = start if kind == "document" else f"https://{host}/api/items"
        har.ask(first, 302, to=asked[1], sets=(f"{name}={values[1]}; {flags}",), kind=kind)
        states[1], cookie = states[0], f"{name}={values[1]}"
    if world.variant.number == 0:
        har.ask(authorize(idp, "w", back, states[1]), page="<form>Password</form>")
    answer = query(back, code=value(), state=states[1])
    says = world.pick(
        "Login Failed: Unable to find a valid CSRF token", "csrf failed", "Invalid state parameter"
    )
    har.ask(answer, 403, page=f"<h2>403</h2>{says}", cookie=cookie)
    return recorded(world, har)


@fault("session-cookie-overwritten-by-concurrent-response", source="authlib/authlib#376", herring="")
def put_back(world: World) -> Words:
    """A fetch that was on its way when the login began answers after it, with the session as it was."""
    host = world.pick("app.acme.test", "portal.example.test", "board.team.test")
    login, back = (
        f"https://{host}/login/sso",
        f"https://{host}{world.pick('/auth', '/auth/gitlab', '/callback')}",
    )
    fetch = f"https://{host}{world.pick('/api/me', '/notifications', '/poll')}"
    idp, state, har = "https://accounts.idp.test/o/authorize", value(), begun(world)
    name = world.pick("session", "app_session", "sid")
    old, mine, again = value(40), value(60), value(40)
    flags = "Path=/; HttpOnly; SameSite=Lax; Secure"
    har.ask(f"https://{host}/", cookie=f"{name}={old}", sets=(f"{name}={old}; {flags}",))
    asked = authorize(idp, "a", back, state)
    har.ask(login, 302, to=asked, cookie=f"{name}={old}", sets=(f"{name}={mine}; {flags}",))
    har.ask(
        fetch,
        kind="fetch",
        at=-0.3,
        took=0.9,
        cookie=f"{name}={old}",
        sets=(f"{name}={again}; {flags}",),
        data={},
    )
    answer = query(back, code=value(), state=state)
    har.ask(asked, 302, to=answer)
    status = world.pick(500, 400, 401)
    says = "CSRF Warning! State not equal in request and response."
    har.ask(answer, status, cookie=f"{name}={again}", page=says)
    return recorded(world, har)


@fault("login-redirect-loop-after-success", source="oauth2-proxy/oauth2-proxy#2989", herring="")
def round_and_round(world: World) -> Words:
    """Secure on http; more than 4096 bytes; a Domain of somebody else."""
    base = world.pick("http://app.acme.test", "https://logs.team.test", "https://grafana.internal.test")
    flags = world.pick(
        "Path=/; Secure; HttpOnly", "Path=/; Secure; SameSite=Lax", "Path=/; Domain=example.test; Secure"
    )
    name, size = world.pick(("_oauth2_proxy", 90), ("BearerToken", 4400), ("grafana_session", 60))
    home, back = world.pick(
        ("/", "/oauth2/callback"), ("/app/kibana", "/auth/callback"), ("/d/home", "/login/generic")
    )
    idp, har = "https://idp.example.org/authorize", begun(world)
    for _ in range(4):
        state, csrf = value(), value()
        asked = authorize(idp, "proxy", f"{base}{back}", state)
        har.ask(f"{base}{home}", 302, to=asked, sets=(f"{name}_csrf={csrf}; Path=/; SameSite=Lax",))
        answer = query(f"{base}{back}", code=value(), state=state)
        har.ask(asked, 302, to=answer, cookie=f"idp_session={value()}")
        clear = f"{name}_csrf=; Path=/; Max-Age=0"
        session = f"{name}={value(size)}; {flags}"
        har.ask(answer, 302, to=f"{base}{home}", sets=(session, clear), cookie=f"{name}_csrf={csrf}")
    har.ask(f"{base}{home}", 0, failure="net::ERR_TOO_MANY_REDIRECTS")
    return recorded(world, har)
