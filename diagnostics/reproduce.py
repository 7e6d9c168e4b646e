"""The failing request as a line for a shell, the secret by standard input: nothing of it stands in argv or history."""

from __future__ import annotations

import re
import shlex
from typing import Final

from wizard.secret import Secret

from .facts import Situation
from .facts.wire import Request

_WORD: Final = re.compile(r"[!#$&'*+.^_`|~0-9A-Za-z-]+")
"""A header's name and a method (RFC 9110 section 5.6.2), but for ``%``, which has a meaning to ``printf``."""


def _is_address(url: str) -> bool:
    """Whether it is one of the web: what begins with a hyphen is an option to curl."""
    return url.lower().startswith(("http://", "https://")) and url.isprintable()


def curl(request: Request, situation: Situation) -> str:
    """Lines that put the same request again with curl. What is read at the prompt is the whole value of the header,
    scheme included; ``read -s`` shows nothing, and ``printf`` is the shell's own, so that no other process sees it.
    Empty where the secret belongs into the address, which curl would show, and for what is no request: whoever sends a
    case may write anything into it.
    """
    names = (*request.headers, *situation.header_names, request.method)
    if request.query or not _is_address(request.url) or not all(_WORD.fullmatch(n) for n in names):
        return ""
    words = ["curl", "-sS", "-g", "-i", "-X", request.method, "--max-time", "30"]
    for name, value in request.headers.items():
        words += ["-H", f"{name}: {f'<your value of {name}>' if isinstance(value, Secret) else value}"]
    if request.body is not None:
        words += ["--data-raw", request.body.decode("utf-8", "replace")]
    line = shlex.join([*words, request.url])
    secret = tuple(n for n in situation.header_names if n.lower() not in {h.lower() for h in request.headers})
    if not (situation.has_credential and secret):
        return line
    name = secret[0]
    field = shlex.quote(f'header = "{name}: %s"\n').replace("\n", "\\n")
    return f'IFS= read -rs VALUE  # the whole value of {name}\nprintf {field} "$VALUE" | {line} --config -'
