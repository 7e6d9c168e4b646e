"""From the options of ``setup`` to a draft; what is missing is asked for on a terminal, and named elsewhere."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from wizard import setup
from wizard.errors import UsageError
from wizard.methods import kinds
from wizard.names import LOGIN
from wizard.services import Environment, Field, Method, Service
from wizard.setup import Draft
from wizard.vault import check_keeps

from .running import Sources, allowed, no_bare_secret, pairs


def draft(args: argparse.Namespace, sources: Sources, *, asks: bool = False) -> Draft:
    """The draft that the options describe; it may still lack something. Where somebody can be asked (``asks``) it is
    not taken for granted that there is nothing to sign in with.

    Raises:
        UsageError: an option that cannot be. SourceError: a source that yields nothing.
    """
    from wizard import catalogue

    service = catalogue.load().get(args.service)
    if not service.offered:
        raise UsageError(
            "unknown-service",
            f"{service.title} is not set up here: it comes out of a client's config.",
            "",
            ["See what your clients have: authwizard import CLIENT --dry-run"],
        )
    settings = pairs(args.set, "--set", "FIELD=VALUE")
    secrets = pairs(args.secret, "--secret", "FIELD=SOURCE")
    environment = _environment(service, args.environment, args.url or "")
    d = setup.with_service(setup.new(), service, environment, _url(environment, args.url or ""))
    method = _method(service, environment, args.method, frozenset(settings), frozenset(secrets))
    if asks and not args.method and method is not None and method.kind == "none":
        method = None
    if method is not None:
        d = setup.with_method(d, method)
        d = _filled(d, settings, secrets, sources)
    d = setup.with_allow(d, allowed(args.allow))
    d = _scoped(d, args.preset, args.scopes)
    if method is not None and kinds.get(method.kind).person:
        # said before anybody logs in
        check_keeps(args.store or "", LOGIN)
    d = setup.with_store(d, args.store or "")
    d = setup.with_name(d, args.name or "")
    return setup.with_clients(d, _clients(args))


def lacking(d: Draft) -> tuple[setup.Problem, ...]:
    """What the first unfinished step before the test still needs."""
    for step in ("service", "method", "credentials", "permissions", "activate"):
        found = setup.problems(d, step)
        if step == "credentials":
            # what looks wrong about a value is for the live test to judge: it names the cause
            absent = _absent(d)
            found = tuple(p for p in found if p.field in absent)
        if found:
            return found
    return ()


def refuse(problems: Sequence[setup.Problem], d: Draft) -> None:
    """Raise what is missing as one usage error; nothing when nothing is."""
    if not problems:
        return
    if any(p.field == "name" for p in problems):
        raise UsageError("bad-name", problems[0].says, "", ["Give another name with --name."])
    fix = [
        step
        for p in problems
        for step in (_without_secret(d) if p.field == "url" else ()) or [_how_to_say(p.field, d)]
    ]
    raise UsageError("missing", " ".join(p.says for p in problems), "", list(dict.fromkeys(fix)))


def ask(d: Draft) -> Draft:
    """Ask for what is missing in plain lines; a secret is not shown as it is typed.

    Raises:
        UsageError: there is nobody to answer, or the answers lead nowhere.
    """
    for _ in range(30):
        problems = lacking(d)
        if not problems:
            return d
        d = _asked(d, problems[0])
    raise UsageError("missing", problems[0].says)


def _environment(service: Service, name: str | None, url: str) -> Environment | None:
    if name:
        found = service.environment(name)
        if found is None:
            raise UsageError(
                "unknown-environment",
                f"{service.title} has no such environment.",
                _instead(name, [e.id for e in service.environments]),
            )
        return _practising(service, found)
    real = [e for e in service.environments if e.id != "practice"]
    if url:
        same = next((e for e in real if e.url and e.url.rstrip("/") == url.rstrip("/")), None)
        return same or next((e for e in real if not e.url), None)
    return real[0] if len(real) == 1 else None


def _instead(word: str, known: Sequence[str]) -> str:
    """What there is in place of a word that is none of it."""
    from wizard.names import near

    return f"{near(word, known)} It has: {', '.join(known)}.".strip()


def _practising(service: Service, environment: Environment) -> Environment:
    if environment.id != "practice" or environment.url:
        return environment
    from dataclasses import replace

    from wizard import practice

    return replace(environment, url=practice.running().get(service.id, ""))


def _url(environment: Environment | None, url: str) -> str:
    return "" if environment and environment.url and environment.url.rstrip("/") == url.rstrip("/") else url


def _method(
    service: Service,
    environment: Environment | None,
    name: str | None,
    settings: frozenset[str],
    secrets: frozenset[str],
) -> Method | None:
    if name:
        found = service.method(name)
        if found is None or found not in service.methods_at(environment):
            raise UsageError(
                "unknown-method",
                f"{service.title} has no such way of signing in.",
                _instead(name, [m.id for m in service.methods_at(environment)]),
            )
        return found
    from wizard import methods
    from wizard.methods.kind import HEADER, QUERY

    # a plain header goes along with any method
    usable = [m for m in service.methods_at(environment) if not m.unavailable]
    telling = [name for name in settings if not name.startswith((HEADER, QUERY))] + list(secrets)
    fitting = [m for m in usable if all(methods.takes(service, m, name) for name in telling)]
    given = dict.fromkeys(settings, "x")
    complete = [m for m in fitting if not methods.missing(service, m, given, secrets)]
    if complete:
        return complete[0]
    return fitting[0] if len(fitting) == 1 else None


def _filled(d: Draft, settings: dict[str, str], secrets: dict[str, str], sources: Sources) -> Draft:
    from wizard import methods
    from wizard.methods import kinds
    from wizard.methods.kind import HEADER, QUERY

    if d.service is None or d.method is None:
        return d
    asked, service, method = setup.fields(d), d.service, d.method
    kind = kinds.get(method.kind)
    derived = method.derived if kind.derives_here else ()
    for name, text in settings.items():
        no_bare_secret(name, asked, text)
        if name == kind.named_by:
            for field, source in methods.sources(service, method, {name: text}).items():
                d = setup.with_source(d, field, *sources.read(source))
            continue
        if _field(asked, name) is None and not name.startswith((HEADER, QUERY)) and name != "transport":
            raise _unknown_field(d, asked)
        d = setup.with_setting(d, name, text)
    for name, source in secrets.items():
        if _field((*asked, *derived), name) is None and not name.startswith((HEADER, QUERY)):
            raise _unknown_field(d, asked)
        kept, secret = sources.read(source)
        d = setup.with_secret(d, name, secret) if kept == "-" else setup.with_source(d, name, kept, secret)
    return d


def _field(asked: Sequence[Field], name: str) -> Field | None:
    return next((f for f in asked if name == f.id or name in f.aliases), None)


def _unknown_field(d: Draft, asked: Sequence[Field]) -> UsageError:
    method = d.method.title if d.method else "This method"
    known = ", ".join(f.id for f in asked) or "none"
    return UsageError("unknown-field", f"{method} has no such field.", f"It has: {known}.")


def _absent(d: Draft) -> frozenset[str]:
    from wizard import methods

    if d.service is None or d.method is None:
        return frozenset({"method"})
    have = frozenset(setup.secrets_of(d)) | frozenset(setup.sources_of(d))
    return frozenset(f.id for f in methods.missing(d.service, d.method, setup.settings_of(d), have))


def _scoped(d: Draft, preset: str | None, scopes: str | None) -> Draft:
    if d.service is None:
        return d
    if preset is not None:
        chosen = setup.with_preset(d, preset)
        if chosen.preset == "":
            known = ", ".join(p.id for p in d.service.presets) or "none"
            raise UsageError("unknown-preset", f"{d.service.title} has no such preset.", f"It has: {known}.")
        return chosen
    if scopes is not None:
        return setup.with_scopes(d, [s for s in scopes.replace(",", " ").split() if s])
    return d


def _clients(args: argparse.Namespace) -> list[setup.ClientChoice]:
    from wizard import clients

    for name in args.client:
        clients.get(name)
    if args.path and len(args.client) > 1:
        raise UsageError(
            "wrong-usage", "--path goes with one --client.", "Each client has a form of its own."
        )
    if (args.path or args.project or args.secrets) and not args.client:
        raise UsageError("wrong-usage", "--project, --path and --secrets go with a --client.")
    return [setup.ClientChoice(name, args.project, args.path, args.secrets) for name in args.client]


def _how_to_say(field: str, d: Draft) -> str:
    if field in ("environment", "url", "method"):
        return f"Say it with --{field}."
    if field == "scopes" and d.service:
        return f"Scopes are: {', '.join(s.id for s in d.service.scopes)}."
    found = _field(setup.fields(d), field)
    if found and found.secret:
        return f"Say where it is: --secret {field}=SOURCE (env:VAR, file:PATH, keyring:NAME, cmd:..., or -)."
    return f"Say it with --set {field}=VALUE."


def _without_secret(d: Draft) -> list[str]:
    """How to say what stands in the address and is a secret; nothing where none does."""
    from urllib.parse import parse_qsl, urlsplit

    from wizard.redaction import secret_part, tells_a_secret

    url = setup.url_of(d)
    if not secret_part(url) or d.service is None:
        return []
    parts = urlsplit(url)
    if "@" in parts.netloc:
        basic = "basic" if d.service.method("basic") else "M"
        return [f"Give it as a credential: --method {basic} --set username=NAME --secret password=SOURCE."]
    name = next((n for n, v in parse_qsl(parts.query) if v and tells_a_secret(n)), "")
    if not name.isidentifier():
        return ["Give it as a credential: --secret FIELD=SOURCE."]
    method = "--method api_key_query " if d.service.method("api_key_query") else ""
    return [f"Leave `{name}` out of the address, and say: {method}--secret query.{name}=SOURCE."]


def _asked(d: Draft, problem: setup.Problem) -> Draft:
    service = d.service
    if service is None:
        raise UsageError("missing", problem.says)
    if problem.field == "environment":
        choice = _pick("Which?", [(e.id, e.title) for e in service.environments])
        environment = service.environment(choice)
        return setup.with_service(d, service, environment and _practising(service, environment), d.url)
    if problem.field == "url":
        return setup.with_service(d, service, d.environment, _line(problem.says))
    if problem.field == "method":
        usable = [(m.id, m.title) for m in service.methods_at(d.environment) if not m.unavailable]
        chosen = service.method(_pick("How do you sign in?", usable))
        if chosen is None or chosen is d.method:
            raise UsageError("method-refused", problem.says)
        return setup.with_method(d, chosen)
    field = _field(setup.fields(d), problem.field)
    if field is None:
        raise UsageError("missing", problem.says, "", [_how_to_say(problem.field, d)])
    if not field.secret:
        return setup.with_setting(d, field.id, _line(field.title))
    from getpass import getpass

    from wizard.secret import Secret

    return setup.with_secret(d, field.id, Secret(getpass(f"{field.title} (not shown): ")))


def _pick(question: str, choices: Sequence[tuple[str, str]]) -> str:
    width = max(len(id) for id, _ in choices)
    lines = "\n".join(f"  {id.ljust(width)}  {title}" for id, title in choices)
    return _line(f"{question}\n{lines}\n")


def _line(prompt: str) -> str:
    import sys

    sys.stderr.write(f"{prompt.rstrip()} ")
    sys.stderr.flush()
    text = sys.stdin.readline()
    if not text:
        raise UsageError("missing", "There was no answer.")
    return text.strip()
