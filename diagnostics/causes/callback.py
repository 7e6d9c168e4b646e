"""Layers tcp and redirect: the way back from the browser, by which a login's answer comes (RFC 8252 section 7.3).

Each is found by the login itself; the facts and steps of `wizard.oauth.waiting` take the place of these general ones.
"""

from __future__ import annotations

from .book import cause
from .told import by_login

cause(
    id="callback-port-in-use-or-reserved",
    layer="tcp",
    owner="you",
    title="The port on which the browser would return is in use.",
    explanation="After a login the browser brings its answer to a port of this machine. Another program holds that port"
    " (often a second login that still waits), or the system reserves it. Nothing was opened in the browser.",
    fix=(
        "End the program that holds the port, then log in again.",
        "Or use another port: --port PORT. Where the server compares redirect URIs exactly, register it with that port"
        " first.",
    ),
    sources=(
        "RFC 8252 section 7.3",
        "bind(2), EADDRINUSE",
        "https://github.com/taylorwilsdon/google_workspace_mcp/issues/359",
    ),
)(by_login)

cause(
    id="callback-unreachable-from-browser",
    layer="tcp",
    owner="you",
    title="The browser is on another machine than this program, so the login's answer did not come back.",
    explanation="The answer of a login is sent to an address of the machine on which the browser runs. Over SSH, or in"
    " a container, that is not the machine on which this program waits.",
    fix=(
        "Forward the port, over SSH: ssh -L PORT:127.0.0.1:PORT USER@HOST; in a container: publish it.",
        "Or paste the whole address at which the browser ends, where this program asks for it.",
        "Or log in with a code: authorization on another device (device_code), where the server offers it.",
    ),
    sources=(
        "RFC 8252 section 7.3",
        "ssh(1), -L",
        "https://github.com/anthropics/claude-code/issues/44330",
        "https://github.com/anomalyco/opencode/issues/9081",
    ),
)(by_login)

cause(
    id="login-timed-out",
    layer="redirect",
    owner="you",
    title="The login was not finished in time: its answer did not come back to this program.",
    explanation="Nobody finished the login, or the server did not know the redirect URI: then it must not send the"
    " browser back (RFC 6749 section 4.1.2.1), and shows a page of its own that this program does not see.",
    fix=(
        "Look at the page that the browser shows.",
        "If it is about the redirect URI, register exactly the one that this program uses, then log in again.",
        "If it still asks something, answer it, and give the login longer: --timeout SECONDS",
    ),
    sources=("RFC 6749 section 4.1.2.1", "https://github.com/keycloak/keycloak/discussions/15062"),
)(by_login)
