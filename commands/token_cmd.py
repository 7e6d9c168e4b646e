"""``token``: what a token says of itself, and what its issuer says of it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from wizard.errors import UsageError

from .output import Output
from .running import Sources, Waiting, budget, no_bare_secret, pairs, within

if TYPE_CHECKING:
    from diagnostics.issuer_says import Wishes
    from diagnostics.token import TokenReport

_SETTINGS: Final = ("client_id", "issuer", "token_endpoint_auth_method")
_SECRET: Final = "client_secret"  # noqa: S105  # a field's name


def run(args: argparse.Namespace, out: Output) -> int:
    """Explain a token, from standard input when no source is named; with the options ask its issuer. 1 where something
    is wrong with it, or where what was asked for could not be asked."""
    from diagnostics import issuer_says, token_text

    seconds = budget(args.timeout)
    sources = Sources(seconds)
    wishes = _wishes(args, sources)
    _, secret = sources.read(args.source or "-")
    waiting = Waiting("the first answer of the issuer")

    async def job() -> TokenReport:
        from wizard.transport import Transport

        async with Transport(timeout=min(10.0, seconds), ca=args.ca) as transport:
            return await issuer_says.examine(secret, wishes, transport, on_step=waiting.step)

    report = within(seconds, job, waiting)
    out.answer(report.as_json(), token_text.text(report, whole=args.verbose).splitlines())
    return 1 if report.findings or report.not_examined else 0


def _wishes(args: argparse.Namespace, sources: Sources) -> Wishes:
    from diagnostics.issuer_says import Wishes

    settings = pairs(args.set, "--set", "FIELD=VALUE")
    for name, value in settings.items():
        no_bare_secret(name, value=value)
    places = pairs(args.secret, "--secret", "FIELD=SOURCE")
    _known(settings, _SETTINGS, "--set")
    _known(places, (_SECRET,), "--secret")
    if _SECRET in places and not settings.get("client_id"):
        raise UsageError(
            "field-missing",
            "A client secret goes with a client id.",
            "",
            ["Say whose secret it is: --set client_id=ID"],
        )
    if "client_id" in settings and not args.introspect:
        raise UsageError(
            "wrong-usage",
            "A client is for --introspect; nothing else is asked in its name.",
            "",
            ["Add --introspect."],
        )
    return Wishes(
        keys=args.jwks or "",
        verify=args.verify,
        userinfo=args.userinfo,
        introspect=args.introspect,
        client_id=settings.get("client_id", ""),
        client_secret=sources.read(places[_SECRET])[1] if _SECRET in places else None,
        authentication=settings.get("token_endpoint_auth_method", ""),
        issuer=settings.get("issuer", "").strip(),
    )


def _known(given: dict[str, str], names: tuple[str, ...], flag: str) -> None:
    if any(name not in names for name in given):
        raise UsageError("unknown-field", f"For a token {flag} takes: {', '.join(names)}.")
