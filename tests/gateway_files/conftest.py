"""A gateway's folder with a `.env`, for the practice gateway or for none."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from gateway_support import HELD, folder

from sandbox.practice import Practice


@pytest.fixture
def checkout(home: Path) -> Path:
    """A gateway's folder as its owner has it: `.env` files, a provider list, an egress token."""
    return folder(home, "https://gw.test", dict.fromkeys(HELD, secrets.token_urlsafe()))


@pytest.fixture
def practised(home: Path, services: Practice) -> Path:
    """The same, for the practice gateway that runs."""
    gateway = services.services["gateway"]
    return folder(home, gateway.url, {name: gateway.credentials[name].reveal() for name in HELD})
