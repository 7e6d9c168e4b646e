"""What the tests of OAuth share."""

from __future__ import annotations

from collections.abc import Callable

Verifying = Callable[..., str]
