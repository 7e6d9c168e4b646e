"""Layer tcp: the port."""

from __future__ import annotations

from wizard.livetest import Evidence

from ..facts import Differential, Named, Reached
from .book import Verdict, cause, proven


@cause(
    id="connection-refused",
    layer="tcp",
    owner="you",
    title="Nothing listens at that address and port.",
    explanation="The host is there and refuses the connection: the service is not running, or listens on another"
    " port.",
    fix=(
        "Start the service, or correct the port in the address.",
        "Inside a container localhost is the container itself, not your machine.",
    ),
    sources=("connect(2), ECONNREFUSED",),
)
def refused(reached: Reached, named: Named, differential: Differential | None) -> Verdict | None:
    """Refused on every address."""
    if reached.error != "refused" or (differential and differential.answered):
        return None
    where = f"{reached.host}, port {reached.port}"
    return proven(
        Evidence("tcp", f"{where}: connection refused ({', '.join(named.addresses)})"),
        title=f"Nothing listens at {where}.",
    )
