"""What to tell a person while a login is waited for, and when nothing came."""

from __future__ import annotations

import getpass
import ipaddress
import re
import socket
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from wizard.errors import CatalogueError
from wizard.livetest import Evidence

from .answer import REASONS
from .port_holder import is_ours
from .problems import OAuthProblem

if TYPE_CHECKING:
    from wizard.providers import Provider

_USER: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")
_CONTAINERS: Final = ("CODESPACES", "REMOTE_CONTAINERS")
_HEARD: Final = {
    "tls": "it speaks TLS, as to an https address",
    "other-host": "it is for another host name or port",
    "other-path": "it is for another path",
    **REASONS,
}
_MEANS: Final = {
    "tls": "The browser was sent to https://: the redirect URI is registered with the wrong scheme.",
    "other-host": "The browser came by another name for this machine: `localhost` and `127.0.0.1` are not the same.",
    "other-path": "The browser was sent to another path: the redirect URI is registered with another one.",
    "no-state": "The answer came without the `state` that was sent, so it cannot be told whose it is. The server has"
    " to send it back (RFC 6749 section 4.1.2).",
    "other-state": "The answer to another login came: perhaps from a tab that was still open.",
}


def over_ssh(environ: Mapping[str, str]) -> bool:
    """Whether this program runs in an SSH session."""
    return bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"))


def ssh_advice(port: int, environ: Mapping[str, str], host: str = "127.0.0.1") -> tuple[str, ...]:
    """Over SSH, how the browser reaches the loopback address of this machine, as sentences; nothing elsewhere. How
    an address is pasted where the browser cannot reach it, each front end says by its own means."""
    if not over_ssh(environ):
        return ()
    near = f"[::1]:{port}:[::1]:{port}" if ":" in host else f"{port}:127.0.0.1:{port}"
    return (
        "This program runs over SSH, so a browser on your own machine does not reach it by itself.",
        f"In another terminal on your own machine, forward the port: ssh -L {near} {_here(environ)}",
    )


def _here(environ: Mapping[str, str]) -> str:
    """What to call this machine in an ssh command: the address to which the person's own ssh has connected."""
    port, place = "22", ""
    words = environ.get("SSH_CONNECTION", "").split()
    if len(words) == 4 and words[3].isascii() and words[3].isdigit():
        try:
            place, port = str(ipaddress.ip_address(words[2])), words[3]
        except ValueError:
            place = ""
    if not place:
        name = socket.gethostname()
        place = name if _NAME.fullmatch(name) else "HOST"
    try:
        user = environ.get("USER") or environ.get("LOGNAME") or getpass.getuser()
    except (OSError, KeyError):
        user = ""
    who = user if _USER.fullmatch(user) else "USER"
    return f"{who}@{place}" if port == "22" else f"-p {port} {who}@{place}"


def probably_shows(authorization_endpoint: str) -> str:
    """What the browser shows where the server does not know the redirect URI: RFC 6749 section 4.1.2.1 forbids it to
    send the browser back, so that nothing is heard here."""
    provider = _provider(authorization_endpoint)
    if provider is None or not provider.redirect.refusal:
        return "If the browser shows an error that speaks of the redirect URI, the server does not know this one."
    return f"If the browser shows “{provider.redirect.refusal}”, {provider.title} does not know this redirect URI."


def _provider(authorization_endpoint: str) -> Provider | None:
    from wizard import providers

    try:
        return providers.of(authorization_endpoint, {"authorization_endpoint": authorization_endpoint})
    except CatalogueError:
        # a person's own description that cannot be read has no place in what is said of a login
        return None


def timed_out(
    redirect_uri: str,
    seconds: float,
    heard: Iterable[str],
    environ: Mapping[str, str],
    authorization_endpoint: str = "",
    *,
    budget: float = 0.0,
    opened: bool = True,
    instead: str = "",
) -> OAuthProblem:
    """Why the answer of a login probably did not come: `login-timed-out`, or `callback-unreachable-from-browser` where
    this program is not on the person's own machine and nothing came. ``heard`` is why each request was refused.
    ``opened`` is whether a browser was opened; ``instead`` a sentence that says why another port than the usual one."""
    reasons = Counter(reason for reason in heard if reason in _HEARD)
    counted = sorted(reasons.items(), key=lambda pair: -pair[1])
    if counted:
        what = "; ".join(f"{_HEARD[reason]} ({count})" for reason, count in counted)
        fact = f"{reasons.total()} came to {redirect_uri} that was not this login's answer: {what}"
    else:
        fact = f"no browser came to {redirect_uri} within {seconds:g} s"
    noted = (instead,) if instead else ()
    parts = urlsplit(redirect_uri)
    advice = ssh_advice(parts.port or 80, environ, parts.hostname or "")
    away = bool(advice) or any(environ.get(name) for name in _CONTAINERS)
    if away and not counted:
        return OAuthProblem(
            "callback-unreachable-from-browser",
            f"The browser did not come back to {redirect_uri}: it is probably on another machine than this program.",
            f"{fact[0].upper()}{fact[1:]}.",
            (
                *(advice or (f"Forward port {parts.port or 80} of the container to your own machine.",)),
                "Or log in without that, and paste the whole address of the page that the browser cannot open.",
            ),
            evidence=tuple(Evidence("loopback", said) for said in (fact, *noted)),
            owner="you",
        )
    means = [_MEANS[reason] for reason, _ in counted if reason in _MEANS][:1]
    return OAuthProblem(
        "login-timed-out",
        f"The login was not finished within {seconds:g} seconds: its answer did not come back to this program.",
        "".join(means) or probably_shows(authorization_endpoint),
        (
            _begin(opened=opened, came=bool(counted)),
            f"{probably_shows(authorization_endpoint)} {register(redirect_uri, authorization_endpoint)}",
            f"If it still asks something, answer it, and {longer(seconds, budget)}",
        ),
        evidence=tuple(Evidence("loopback", said) for said in (fact, *means, *noted)),
        owner="you",
    )


def not_done(what: str, seconds: float, budget: float = 0.0) -> OAuthProblem:
    """Why a login came to nothing that this program can only wait for; ``what`` is what the person had to do."""
    return OAuthProblem(
        "login-timed-out",
        f"The login was not finished within {seconds:g} seconds.",
        "",
        (f"Begin again, and: {what}.", f"If that takes longer, {longer(seconds, budget)}"),
        evidence=(Evidence("login", f"waited {seconds:g} s for: {what}"),),
        owner="you",
    )


def longer(seconds: float, budget: float) -> str:
    """How the login is given more time than these seconds of a job's budget (0: of none that is known)."""
    if not budget:
        return "give the login longer: --timeout SECONDS"
    enough = max(300.0, 2 * budget)
    return f"give the login longer: --timeout {enough:g} (of {budget:g} s the login had {seconds:g})"


def _begin(*, opened: bool, came: bool) -> str:
    if came:
        return "Close the tabs of earlier logins, and begin again."
    if opened:
        return "Look at the page that the browser shows."
    return (
        "No browser was opened here: begin again, open the address that is shown in a browser of this machine, and log"
        " in there. With none at hand log in by a code on another device (--device), where the server offers that."
    )


def register(redirect_uri: str, authorization_endpoint: str) -> str:
    """The step that makes a redirect URI known, with the place at this provider where that is known."""
    provider = _provider(authorization_endpoint)
    where = provider.redirect.add.rstrip(".") if provider else ""
    return f"Register exactly {redirect_uri}, then log in again." + (f" Where: {where}." if where else "")


def taken(host: str, port: int, reserved: bool, held_by: str) -> OAuthProblem:
    """The port on which the browser would return cannot be opened; nothing was opened in the browser."""
    if reserved:
        title = f"Port {port} on {host}, to which the browser would return, is reserved by this system."
    else:
        title = f"Port {port} on {host}, to which the browser would return, is in use."
    who = f"It is held by {held_by}. " if held_by else ""
    by = f", by {held_by}" if held_by else ""
    other = (
        "se another port: --port PORT. Where the server compares redirect URIs exactly, register it with that port"
        " first."
    )
    if reserved:
        fix = ("Choose a port above 1023 that the system leaves free.", f"Or u{other}")
    elif is_ours(held_by):
        fix = (f"End {held_by}, if nobody logs in there any more, then log in again.", f"Or u{other}")
    else:
        # what a stranger runs there is not ours to end
        fix = (f"U{other}", f"Or log in again once {held_by or 'the program that holds it'} has ended.")
    return OAuthProblem(
        "callback-port-in-use-or-reserved",
        title,
        f"{who}Nothing was opened in the browser.",
        fix,
        evidence=(Evidence("loopback", f"{host}:{port} {'is reserved' if reserved else 'is in use'}{by}"),),
        owner="you",
    )
