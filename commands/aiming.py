"""From a TARGET and its options to what the diagnostics take."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wizard.errors import SourceError, UsageError
from wizard.secret import Secret

from .running import Sources, allowed, no_bare_secret, pairs

if TYPE_CHECKING:
    from diagnostics.target import Target
    from wizard.connections import Connection

    Read = Callable[[str, str], Secret]

_ADMIN = "admin_token="
_HALF_A_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:/(?!/)", re.I)


def aimed(args: argparse.Namespace, sources: Sources, *, lenient: bool = False) -> Target:
    """The target that the words name, with where its secrets were read. With ``lenient`` a secret whose file or
    keyring yields nothing is part of the question.

    Raises:
        UsageError: no target, or options that contradict each other. SourceError: a source yields nothing.
    """
    if ca := getattr(args, "ca", None):
        from wizard.trust import trust

        # also where nothing is asked over TLS in the end
        trust(ca)
    places: dict[str, str] = {}
    unread: dict[str, str] = {}

    def read(field: str, text: str) -> Secret:
        try:
            places[field], secret = sources.read(text)
        except SourceError as problem:
            if not (lenient and field == "credential" and text.startswith("keyring:")):
                raise
            places[field], unread[field] = text, problem.id
            return Secret("")
        return secret

    # for the identity provider's own API, and never a part of what the target sends
    mine = [text for text in args.secret if text.startswith(_ADMIN)] if lenient else []
    rest = argparse.Namespace(**{**vars(args), "secret": [text for text in args.secret if text not in mine]})
    admin = {k: read(k, v) for k, v in pairs(mine, "--secret", "FIELD=SOURCE").items()}
    found = _aimed(rest, read, lenient)
    issuer, audience = _said(args)
    found = replace(found, sources={**found.sources, **places}, unread={**found.unread, **unread})
    if admin:
        found = replace(found, secrets={**found.secrets, **admin})
    return replace(found, said_issuer=issuer, said_audience=audience)


def _said(args: argparse.Namespace) -> tuple[str, str]:
    """The issuer and the audience that the person says the server expects of a token."""
    issuer, audience = getattr(args, "issuer", None) or "", getattr(args, "audience", None) or ""
    for name, value in (("--issuer", issuer), ("--audience", audience)):
        no_bare_secret(name, value=value)
    if issuer and "://" not in issuer:
        raise UsageError("not-a-url", "An issuer is an address.", "", ["For example: --issuer https://..."])
    return issuer.strip(), audience.strip()


def _aimed(args: argparse.Namespace, read: Read, lenient: bool) -> Target:
    from diagnostics import targets
    from wizard.methods.plan import check_header_name

    named = pairs(getattr(args, "header", []), "--header", "NAME=SOURCE")
    for name in named:
        check_header_name(name)
    if args.credential and any(name.lower() == "authorization" for name in named):
        raise UsageError("wrong-usage", "--header Authorization and --credential contradict each other.")
    settings = pairs(args.set, "--set", "FIELD=VALUE")
    for name, text in settings.items():
        no_bare_secret(name, value=text)
    credential = (read("credential", args.credential) or None) if args.credential else None
    secrets = {k: read(k, v) for k, v in pairs(args.secret, "--secret", "FIELD=SOURCE").items()}
    secrets = {**_named(settings, read), **secrets}
    headers = {name: read(name, text) for name, text in named.items()}
    scopes = _scopes(args)
    _no_bare_host(args.target)
    if "://" in args.target:
        given = targets.Given(
            method=args.method or _method_for(settings, secrets),
            credential=credential,
            headers=headers,
            kind=args.kind or "",
            settings=settings,
            secrets=secrets,
            scopes=scopes,
            allow=allowed(getattr(args, "allow", ())),
        )
        found = targets.resolve(args.target, given)
        _refuse_in_clear(args, found)
        return found
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
    also = allowed(getattr(args, "allow", ()))
    found = replace(
        found,
        scopes=scopes or found.scopes,
        speaks=args.kind or found.speaks,
        allow=tuple(dict.fromkeys((*found.allow, *also))),
    )
    _refuse_in_clear(args, found)
    return found


def _no_bare_host(target: str) -> None:
    """Refuse an address that lacks its beginning, which would be looked for among the connections."""
    from wizard import connections
    from wizard.urls import lacks_scheme

    if (lacks_scheme(target) or _HALF_A_SCHEME.match(target)) and all(
        c.name != target for c in connections.load_all()
    ):
        raise UsageError(
            "not-a-url",
            "That is no connection; it looks like an address.",
            "An address begins with https:// or http://.",
            ["Add https:// before it."],
        )


def _scopes(args: argparse.Namespace) -> tuple[str, ...]:
    required = getattr(args, "require_scope", None)
    return tuple(required or (getattr(args, "scopes", None) or "").replace(",", " ").split())


def _named(settings: Mapping[str, str], read: Read) -> dict[str, Secret]:
    """The secrets that a setting is short for: ``command`` and ``token_file``."""
    from wizard.methods import kinds

    found: dict[str, Secret] = {}
    for kind in map(kinds.get, kinds.STATIC):
        if text := settings.get(kind.named_by, ""):
            field = next(f.id for f in (*kind.derived, *kind.fields) if f.secret)
            found[field] = read(field, text if text.startswith(kind.source) else f"{kind.source}{text}")
    return found


def _method_for(settings: Collection[str], secrets: Collection[str]) -> str:
    """The first method that takes these fields, where none was named; a plain header goes along with any."""
    from wizard import catalogue, methods
    from wizard.methods.kind import HEADER, QUERY

    service = catalogue.one("http")
    telling = [name for name in settings if not name.startswith((HEADER, QUERY))] + list(secrets)
    fitting = (m for m in service.methods if all(methods.takes(service, m, name) for name in telling))
    return next((m.id for m in fitting), "bearer")


def _refuse_in_clear(args: argparse.Namespace, target: Target) -> None:
    """A credential does not go over plain http to another machine, unless that was allowed by name."""
    from diagnostics import sending
    from wizard import methods

    if not hasattr(args, "allow"):
        return
    if not sending.credential_of(target, sending.live(target)):
        return
    if reason := methods.in_clear(target.url, frozenset(target.allow)):
        raise UsageError("method-refused", reason, "", ["Use the https address.", "Or say: --allow http"])


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
    bare = {_bare_field(c): credential} if credential is not None else {}
    given = {**bare, **secrets}
    rest = replace(c, secrets={k: v for k, v in c.secrets.items() if k not in given})
    return targets.from_connection(c, {**connections.secrets_of(rest), **given})


def _bare_field(c: Connection) -> str:
    """The field of a connection that a bare credential stands in for: the access token, where one is obtained."""
    from wizard import connections
    from wizard.methods import kinds
    from wizard.oauth.complete import TOKEN

    flows = kinds.get(connections.choice(c).method.kind).flows
    return TOKEN if flows else next(iter(c.secrets), "token")


def _with_headers(target: Target, headers: Mapping[str, Secret]) -> Target:
    from wizard.entries import Remote

    entry = target.entry
    if not isinstance(entry, Remote):
        raise UsageError("wrong-usage", "--header goes with a remote server; this one is a program.")
    names = {name.lower() for name in headers}
    kept = {name: value for name, value in entry.headers.items() if name.lower() not in names}
    return replace(target, entry=replace(entry, headers={**kept, **headers}))
