"""The address as it is written: one that nothing can be asked at."""

from __future__ import annotations

import re
from typing import Final

from wizard.errors import UsageError
from wizard.livetest import Evidence
from wizard.urls import check_url, is_loopback, lacks_scheme

from ..facts import Situation
from ..facts.wire import Differential
from .book import Verdict, cause, proven

_STANDS_FOR: Final = re.compile(r"<[^<>]+>")
_ANEW: Final = "Then start the client anew."


@cause(
    id="entry-address-unusable",
    layer="client-config",
    owner="you",
    title="The entry's address is none that can be asked.",
    explanation="An address begins with https:// or http://, and names a host. Of one that does not, clients tell only"
    " that a fetch failed or that the server ended, and some try again for a minute first.",
    fix=(
        "Write the address whole: https://host/path. A server on this machine mostly speaks http://.",
        _ANEW,
    ),
    sources=(
        "https://github.com/microsoft/vscode/issues/247597",
        "https://github.com/NousResearch/hermes-agent/pull/18132",
        "https://github.com/anomalyco/opencode/pull/25019",
    ),
    explains=("dns-name-unresolvable-or-split-horizon", "not-logged-in"),
    way=True,
)
def unusable(situation: Situation, differential: Differential | None) -> Verdict | None:
    """By its form alone. One that holds a user name can be asked, though this program would not."""
    if not situation.url or (differential is not None and differential.answered):
        return None
    if left := _STANDS_FOR.search(situation.host):
        return proven(
            Evidence("config", f"url: its host is {situation.host}"),
            title=f"The entry's address holds {left[0]}, in whose place your own belongs.",
            fix=("See in the service's documents, or ask a colleague, what stands there for you.", _ANEW),
        )
    if lacks_scheme(situation.url):
        scheme = "http" if is_loopback(f"http://{situation.url}") else "https"
        # what stands behind the host may hold a secret
        host, more, _ = situation.url.partition("/")
        return proven(
            Evidence("config", "url: it begins with neither https:// nor http://"),
            title="The entry's address lacks its beginning, https:// or http://.",
            fix=(f"Write {scheme}:// before it: {scheme}://{host}{'/...' if more else ''}", _ANEW),
        )
    try:
        check_url(situation.url.replace("@", ""))
    except UsageError as error:
        return proven(Evidence("config", f"url: {error.detail}"))
    return None
