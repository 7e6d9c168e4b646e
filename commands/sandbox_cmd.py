"""``sandbox``: the practice services in the foreground. Their credentials are practice ones, and are shown."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from typing import TYPE_CHECKING

from wizard.errors import UsageError

from .output import Output, table, to_json, write

if TYPE_CHECKING:
    from sandbox.practice import Practice

_USER, _PASSWORD, _DOMAIN = "sso_username", "sso_password", "sso_domain"


def run(args: argparse.Namespace, out: Output) -> int:
    """Serve until ended: by SIGTERM with 0, by Ctrl+C with 130. One line of JSON when ready.

    With ``--fault`` every service that can show this cause goes wrong in that one way, and the line says which.
    """
    from sandbox import practice
    from sandbox.faults import chosen

    port = _port(args.port)
    wrong = {name: args.fault for name, _ in chosen(args.fault)} if args.fault is not None else {}
    ended = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: ended.set())
    try:
        with practice.start(port, faults=wrong) as running:
            shown = {"fault": {"cause": args.fault, "services": list(wrong)}} if wrong else {}
            line = to_json({**practice.as_json(running), **shown}, ascii_only=True, indent=None)
            write(sys.stdout, line + "\n")
            if not out.as_json:
                for says in _people(running):
                    out.note(says)
                if wrong:
                    out.note(f"{args.fault} is shown by: {', '.join(wrong)}.")
            # a wait without a limit would not let Ctrl+C through on every system
            while not ended.wait(0.5):
                pass
    finally:
        signal.signal(signal.SIGTERM, before)
    return 0


def _people(running: Practice) -> list[str]:
    """What runs where, and how to try it, for who reads along."""
    where = table((name, service.url) for name, service in running.services.items())
    first = next(iter(running.services), "")
    return [
        "The practice services run. Ctrl+C ends them.",
        *(f"  {line}" for line in where),
        *(
            f"The login page of {name} (its method sso) takes the user name"
            f" {service.credentials[_USER].reveal()} and the password {service.credentials[_PASSWORD].reveal()}"
            f" for the domain {service.credentials[_DOMAIN].reveal()}"
            for name, service in running.services.items()
            if _USER in service.credentials
        ),
        f"In another terminal: authwizard setup {first} --environment practice",
    ]


def _port(text: str | None) -> int:
    if text is None:
        return 0
    if not (text.isascii() and text.isdigit() and 0 <= int(text[:6]) <= 65535):
        raise UsageError("port-invalid", "--port takes a number from 0 to 65535.")
    return int(text)
