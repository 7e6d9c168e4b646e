"""A login as a command runs it, without the rest of the command: ``login_at_shell.py`` on a terminal of its own.

The address that is opened leads nowhere; its `redirect_uri` and `state` are this login's. Prints the code's length.
"""

from __future__ import annotations

import asyncio
import sys
from urllib.parse import urlencode

from commands.login_person import person
from commands.output import Output
from wizard.oauth.authorization import Request
from wizard.oauth.browser import _answer
from wizard.oauth.loopback import Loopback
from wizard.oauth.walk import Walk
from wizard.secret import Secret
from wizard.transport import Transport


async def login(own: Secret) -> int:
    who = person(Output("--json" in sys.argv), seconds=60)
    async with Loopback(own, port=0) as back, Transport() as transport:
        query = urlencode({"redirect_uri": back.redirect_uri, "state": own.reveal(), "pad": "p" * 300})
        url = Secret(f"http://127.0.0.1:9/authorize?{query}")
        asked = Request(url, "http://127.0.0.1:9", back.redirect_uri, own, own, None, (), "")
        found = await _answer(Walk(None, transport, who, "authorization_code"), asked, back)  # type: ignore[arg-type]  # no choice is needed to wait
    return len(found.code or "")


if __name__ == "__main__":
    try:
        sys.stdout.write(f"code of {asyncio.run(login(Secret(sys.argv[1])))} characters\n")
    except KeyboardInterrupt:
        raise SystemExit(130) from None
