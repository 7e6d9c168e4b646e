"""Services as data: one TOML file each, read into `wizard.services`."""

from __future__ import annotations

from .load import Catalogue, at, load, one
from .parse import parse

__all__ = ["Catalogue", "at", "load", "one", "parse"]
