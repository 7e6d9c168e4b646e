"""From a TARGET and its options to what the diagnostics take."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.errors import UsageError
from wizard.secret import Secret

from .running import Sources, pairs

if TYPE_CHECKING:
    from diagnostics.target import Target


def aimed(args: argparse.Namespace, sources: Sources, *, lenient: bool = False) -> Target:
    """The target that the words name. With ``lenient`` a secret whose file yields nothing is part of the question.

    Raises:
        UsageError: no target, or options that contradict each other. SourceError: a source yields nothing.
    """
    from diagnostics import targets

    named = pairs(getattr(args, "header", []), "--header", "NAME=SOURCE")
    if args.credential and any(name.lower() == "authorization" for name in named):
        raise UsageError("wrong-usage", "--header Authorization and --credential contradict each other.")
    settings = pairs(args.set, "--set", "FIELD=VALUE")
    _no_secret_in(settings)
    credential = sources.read(args.credential)[1] if args.credential else None
    secrets = {k: sources.read(v)[1] for k, v in pairs(args.secret, "--secret", "FIELD=SOURCE").items()}
    headers = {name: sources.read(text)[1] for name, text in named.items()}
    scopes = _scopes(args)
    if "://" in args.target:
        return targets.resolve(
            args.target,
            kind=args.kind or "",
            method=args.method or ("api_key_header" if _only_headers(secrets, credential) else "bearer"),
            credential=credential,
            headers=headers,
            settings=settings,
            secrets=secrets,
            scopes=scopes,
        )
    if ":" in args.target:
        if credential or headers or settings or secrets or args.method:
            raise UsageError(
                "wrong-usage",
                "What a client's entry sends stands in its file; --credential and the like go with a URL.",
            )
        found = targets.resolve(args.target, lenient=lenient)
    else:
        found = _saved(args, settings, secrets, credential, lenient)
        if headers:
            found = _with_headers(found, headers)
    return replace(found, scopes=scopes or found.scopes, speaks=args.kind or found.speaks)


def _scopes(args: argparse.Namespace) -> tuple[str, ...]:
    required = getattr(args, "require_scope", None)
    return tuple(required or (getattr(args, "scopes", None) or "").replace(",", " ").split())


def _only_headers(secrets: Mapping[str, Secret], credential: Secret | None) -> bool:
    return credential is None and bool(secrets) and all(name.startswith("header.") for name in secrets)


def _no_secret_in(settings: Mapping[str, str]) -> None:
    for name in settings:
        if name.removeprefix("header.").lower() in ("token", "client_secret", "password", "authorization"):
            raise UsageError(
                "bare-secret",
                "A secret is not taken as an argument; say where it is instead.",
                "Arguments can be seen by every program of this machine and stay in the shell's history.",
                ["For example: --secret token=env:MY_TOKEN"],
            )


def _saved(
    args: argparse.Namespace,
    settings: Mapping[str, str],
    secrets: Mapping[str, Secret],
    credential: Secret | None,
    lenient: bool,
) -> Target:
    """A saved connection, with what the options replace of it."""
    from diagnostics import targets
    from wizard import connections

    c = connections.get(args.target)
    c = replace(c, settings={**c.settings, **settings}, method=args.method or c.method)
    if not secrets and credential is None:
        return targets.from_connection(c, lenient=lenient)
    bare = {next(iter(c.secrets), "token"): credential} if credential is not None else {}
    given = {**bare, **secrets}
    rest = replace(c, secrets={k: v for k, v in c.secrets.items() if k not in given})
    return targets.from_connection(c, {**connections.secrets_of(rest), **given})


def _with_headers(target: Target, headers: Mapping[str, Secret]) -> Target:
    from wizard.entries import Remote

    entry = target.entry
    if not isinstance(entry, Remote):
        raise UsageError("wrong-usage", "--header goes with a remote server; this one is a program.")
    names = {name.lower() for name in headers}
    kept = {name: value for name, value in entry.headers.items() if name.lower() not in names}
    return replace(target, entry=replace(entry, headers={**kept, **headers}))
