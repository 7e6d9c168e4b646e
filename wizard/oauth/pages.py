"""The pages that a browser shows at the end of a login. They load nothing, run nothing and repeat nothing sent."""

from __future__ import annotations

from html import escape
from string import Template
from typing import Final

HEADERS: Final = (
    ("Content-Type", "text/html; charset=utf-8"),
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    ),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Connection", "close"),
)

_PAGE: Final = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>$title – authwizard</title>
<style>
:root {
  color-scheme: light dark;
  --ground: #f6f5f2; --card: #ffffff; --ink: #1d1f24; --soft: #5b606b; --line: #e4e2dc; --mark: $light;
}
@media (prefers-color-scheme: dark) {
  :root { --ground: #14161a; --card: #1c1f25; --ink: #eceef2; --soft: #a3a9b5; --line: #2c3038; --mark: $dark; }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem;
  background: var(--ground); color: var(--ink);
  font: 1.0625rem/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif;
}
main {
  width: min(30rem, 100%); padding: 2.5rem 2.25rem; background: var(--card);
  border: 1px solid var(--line); border-top: 4px solid var(--mark); border-radius: 12px;
}
.mark {
  width: 3rem; height: 3rem; border-radius: 50%; display: grid; place-items: center;
  border: 2px solid var(--mark); color: var(--mark); font-size: 1.4rem; line-height: 1;
}
h1 {
  margin: 1.25rem 0 .5rem; font-size: 1.5rem; line-height: 1.25; font-weight: 650;
  text-wrap: balance; overflow-wrap: anywhere;
}
p { margin: .5rem 0 0; color: var(--soft); }
p.next { color: var(--ink); }
</style>
</head>
<body>
<main>
<div class="mark" aria-hidden="true">$mark</div>
<h1>$title</h1>
<p class="next">$next</p>
<p>$more</p>
</main>
</body>
</html>
""")

_GOOD: Final = {"light": "#1f7a4d", "dark": "#5fd39a", "mark": "✓"}
_BAD: Final = {"light": "#b3362b", "dark": "#ff8a7a", "mark": "!"}
_CALM: Final = {"light": "#4a5a8a", "dark": "#9fb2ec", "mark": "→"}


def received(service: str = "") -> str:
    """A code has come. Whether it is worth an access token is not known yet, so nothing here says so."""
    who = escape(service) or "The server"
    return _PAGE.substitute(
        _GOOD,
        title="You can close this tab",
        next="Go back to the terminal: the login goes on there.",
        more=f"{who} has answered, and authwizard has received the answer.",
    )


def refused(service: str = "") -> str:
    """An error has come. Its text is the server's, and nobody has checked yet that it is this server."""
    who = f" at {escape(service)}" if service else ""
    return _PAGE.substitute(
        _BAD,
        title=f"The login{who} did not work",
        next="Go back to the terminal: it says why, and what to do.",
        more="You can close this tab.",
    )


def over() -> str:
    """This login has had its answer already: a page that was loaded again, or a second tab."""
    return _PAGE.substitute(
        _CALM,
        title="This login is done",
        next="Its answer was received before. Go back to the terminal.",
        more="You can close this tab.",
    )


def other() -> str:
    """A request that is no answer to the login that is waited for."""
    return _PAGE.substitute(
        _BAD,
        title="This is not the login that is waited for",
        next="Go back to the terminal, and open the address that it shows.",
        more="Perhaps this tab belongs to an earlier login. You can close it.",
    )
