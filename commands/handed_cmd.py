"""``secret``, ``headers`` and ``exec``: from parsed arguments to what clients and shells call."""

from __future__ import annotations

import argparse

from . import secrets_cmds
from .output import Output


def secret(args: argparse.Namespace, out: Output) -> int:  # noqa: ARG001  one shape for all handlers
    """Print a connection's secret."""
    return secrets_cmds.secret(args.name, args.field, args.reveal)


def headers(args: argparse.Namespace, out: Output) -> int:  # noqa: ARG001  as above
    """Print a connection's request headers."""
    return secrets_cmds.headers(args.name)


def exec_(args: argparse.Namespace, out: Output) -> int:  # noqa: ARG001  as above
    """Become the program, with the connection's environment."""
    return secrets_cmds.exec_(args.name, args.command)
