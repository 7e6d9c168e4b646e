"""What stands in the way of each step, in sentences."""

from __future__ import annotations

from wizard.errors import AuthwizardError
from wizard.names import LOGIN
from wizard.redaction import secret_part
from wizard.services import Field

from .draft import Draft, Problem, fields, name_of, secrets_of, settings_of, sources_of, url_of


def problems(d: Draft, step: str) -> tuple[Problem, ...]:
    """What is missing or wrong at one step (an id of `STEPS`); nothing when one can go on.

    Only what is surely wrong stands in the way: a doubt about a value (`doubts`) does not.
    """
    return _STEPS[step](d)


def doubts(d: Draft) -> tuple[Problem, ...]:
    """What looks odd about the credentials, and may still be right."""
    return _looked(d, "doubtful")


def _service(d: Draft) -> tuple[Problem, ...]:
    if d.service is None:
        return (Problem("service", "Choose a service."),)
    if d.environment is None:
        names = ", ".join(e.id for e in d.service.environments)
        return (Problem("environment", f"Choose which {d.service.title}: {names}."),)
    url = url_of(d)
    if not url:
        if d.environment.id == "practice":
            says = "No practice service is running. Start one with `authwizard sandbox`, or type its address."
            return (Problem("url", says),)
        return (Problem("url", f"Type the address of {d.service.title}."),)
    from wizard.transport import check_url

    try:
        check_url(url)
    except AuthwizardError as error:
        return (Problem("url", " ".join(part for part in (error.title, error.detail) if part)),)
    if part := secret_part(url):
        says = f"The address holds {part}, and an address is no secret: leave it out, and give it as a credential."
        return (Problem("url", says),)
    return ()


def _method(d: Draft) -> tuple[Problem, ...]:
    if d.service is None or d.method is None:
        return (Problem("method", "Choose how to sign in."),)
    if d.method.unavailable:
        return (Problem("method", d.method.unavailable),)
    from wizard import methods

    reason = methods.refusal(d.method, url_of(d), frozenset(d.allow))
    if reason:
        return (Problem("method", reason),)
    return ()


def _credentials(d: Draft) -> tuple[Problem, ...]:
    if d.service is None or d.method is None:
        return (Problem("method", "Choose how to sign in."),)
    from wizard import methods

    have = frozenset(secrets_of(d)) | frozenset(sources_of(d))
    lacking = methods.missing(d.service, d.method, settings_of(d), have)
    telling = tuple(
        Problem(f.id, f"{f.title} holds {part}, and is kept in the open: leave it out.")
        for f in fields(d)
        if not f.secret and (part := secret_part(settings_of(d).get(f.id, "")))
    )
    missing = tuple(Problem(f.id, f"{f.title} is missing.") for f in lacking)
    return (*missing, *telling, *_unkeepable(d), *_looked(d, "wrong"))


def _unkeepable(d: Draft) -> tuple[Problem, ...]:
    """A store that cannot hold what the login will come to: said before anybody logs in."""
    from wizard.methods import kinds
    from wizard.vault import check_keeps

    if d.method is None or not kinds.get(d.method.kind).person:
        return ()
    try:
        check_keeps(d.store, LOGIN)
    except AuthwizardError as error:
        return (Problem("store", f"{error.title} {error.detail} {' '.join(error.fix)}"),)
    return ()


def _permissions(d: Draft) -> tuple[Problem, ...]:
    if d.service is None or not d.service.scopes:
        return ()
    known = {s.id for s in d.service.scopes}
    return tuple(
        Problem("scopes", f"{d.service.title} has no scope `{s}`.") for s in d.scopes if s not in known
    )


def _test(d: Draft) -> tuple[Problem, ...]:
    if d.test is None:
        return (Problem("test", "The connection has not been tested yet."),)
    if not d.test.ok:
        return (Problem("test", d.test.finding.title if d.test.finding else "The connection test failed."),)
    return ()


def _activate(d: Draft) -> tuple[Problem, ...]:
    from wizard.connections import valid_name

    try:
        valid_name(name_of(d))
    except AuthwizardError as error:
        return (Problem("name", " ".join(part for part in (error.title, error.detail) if part)),)
    return ()


_STEPS = {
    "service": _service,
    "method": _method,
    "credentials": _credentials,
    "permissions": _permissions,
    "test": _test,
    "activate": _activate,
}


def _looked(d: Draft, severity: str) -> tuple[Problem, ...]:
    from wizard import paste

    found: list[Problem] = []
    asked: dict[str, Field] = {f.id: f for f in fields(d)}
    for name, secret in secrets_of(d).items():
        issues = paste.look(secret.reveal(), asked.get(name))
        found += [Problem(name, issue.says) for issue in issues if issue.severity == severity]
    for name, text in settings_of(d).items():
        if d.settings.get(name) == text and name in asked:
            issues = paste.look(text, asked[name])
            found += [Problem(name, issue.says) for issue in issues if issue.severity == severity]
    return tuple(found)
