"""Services as data: one TOML file each, read into `wizard.services`."""

from __future__ import annotations

from .load import Catalogue, load, mentioning, one
from .parse import parse

__all__ = ["Catalogue", "load", "mentioning", "one", "parse"]
