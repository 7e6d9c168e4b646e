"""What to tell a person while a login is waited for, and when nothing came."""

from __future__ import annotations

import getpass
import ipaddress
import re
import socket
from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import urlsplit

from wizard.livetest import Evidence

from .problems import OAuthProblem

_USER: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")


def remote(environ: Mapping[str, str]) -> bool:
    """Whether the person sits before another machine: this program runs in an SSH session."""
    return bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"))


def ssh_advice(port: int, environ: Mapping[str, str], host: str = "127.0.0.1") -> tuple[str, ...]:
    """Over SSH, how the browser reaches the loopback address of this machine, as sentences; nothing elsewhere."""
    if not remote(environ):
        return ()
    near = f"[::1]:{port}:[::1]:{port}" if ":" in host else f"{port}:127.0.0.1:{port}"
    return (
        "This program runs over SSH, so a browser on your own machine does not reach it by itself.",
        f"In another terminal on your own machine, forward the port: ssh -L {near} {_here(environ)}",
        "Or log in there all the same: the browser ends at a page that it cannot open. Paste its whole address here.",
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


def timed_out(
    redirect_uri: str, seconds: float, heard: Collection[str], environ: Mapping[str, str]
) -> OAuthProblem:
    """Why the answer of a login probably did not come. ``heard`` are the reasons for which requests were refused."""
    away = remote(environ) and not heard
    port = urlsplit(redirect_uri).port or 80
    facts = [f"nothing came to {redirect_uri} with this login's answer within {seconds:g} s"]
    return OAuthProblem(
        "callback-unreachable-from-browser" if away else "login-timed-out",
        f"The login was not finished within {seconds:g} seconds.",
        "",
        (*ssh_advice(port, environ),),
        evidence=tuple(Evidence("loopback", fact) for fact in facts),
        owner="you",
    )
