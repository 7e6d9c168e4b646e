"""What it costs to decode and explain a token of 10,000 groups, against reading its claims alone.

``python benchmarks/many_groups.py`` prints the ratio of the two, measured in the same run, for each way of writing
groups; exit 1 where it is more than 20.
"""

from __future__ import annotations

import sys
from pathlib import Path

# this folder would put this very file before the library's module of its name
sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import base64
import json
import secrets
import time
import uuid
from collections.abc import Callable
from typing import Final

from diagnostics import token_text
from diagnostics.token import explain
from wizard.secret import Secret

GROUPS: Final = 10_000
MOST: Final = 20.0
ROUNDS: Final = 30
FORMS: Final[dict[str, Callable[[int], str]]] = {
    "names": lambda n: f"team-{n}",
    "paths": lambda n: f"/company/unit-{n % 100}/team-{n}",
    "ids": lambda _: str(uuid.uuid4()),
}


def best(work: Callable[[], object]) -> float:
    """The processor's seconds of the quickest of several rounds."""
    found = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


def made(form: Callable[[int], str]) -> tuple[str, str]:
    """The claims as JSON, and a token that holds them."""
    now = int(time.time())
    claims = {
        "iss": "https://issuer.invalid/realms/large",
        "aud": "https://server.invalid/mcp",
        "sub": secrets.token_hex(8),
        "scope": "openid profile",
        "iat": now,
        "exp": now + 300,
        "groups": [form(n) for n in range(GROUPS)],
    }
    parts = [json.dumps({"alg": "RS256", "kid": "one"}).encode(), (text := json.dumps(claims)).encode()]
    written = [base64.urlsafe_b64encode(p).rstrip(b"=").decode() for p in (*parts, secrets.token_bytes(256))]
    return text, ".".join(written)


def main() -> int:
    """Measure each form; 1 where one is too slow."""
    good = True
    for name, form in FORMS.items():
        text, token = made(form)
        secret = Secret(token)
        alone = best(lambda text=text: json.loads(text))  # type: ignore[misc]  # bound for this round
        whole = best(lambda secret=secret: token_text.text(explain(secret)))  # type: ignore[misc]  # likewise
        assert len(explain(secret).groups) == GROUPS
        ratio = whole / alone
        good = good and ratio <= MOST
        print(
            f"{GROUPS:,} {name}: {whole * 1000:.1f} ms, {ratio:.1f} times json.loads ({alone * 1000:.2f} ms); at most"
            f" {MOST:.0f}"
        )
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
