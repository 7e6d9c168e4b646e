"""Nothing is sent."""

from __future__ import annotations

from .kind import Kind

KIND = Kind("none", "Nothing")
