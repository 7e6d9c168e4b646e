"""What goes along with a request, which of it carries the credential, and how each variant of a request looks."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from wizard.entries import Remote, Stdio
from wizard.errors import AuthwizardError
from wizard.redaction import Redactor, is_telling, tells_a_secret
from wizard.secret import Secret

from .target import Target

SCHEMES: Final = ("bearer", "basic", "dpop", "token", "apikey", "digest", "negotiate")

_REFERENCE: Final = re.compile(r"\$?\{[^{}]*\}|\$\w+|%\w+%|\$?\{\{[^{}]*\}\}|\$\([^()]*\)|<[^<>]*>")


@dataclass(frozen=True, slots=True)
class Sent:
    """What goes along with a request: its headers, and the parameters of its address."""

    headers: Mapping[str, Secret] = field(default_factory=dict)
    query: Mapping[str, Secret] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.headers or self.query)

    def values(self) -> tuple[Secret, ...]:
        """Every value."""
        return (*self.headers.values(), *self.query.values())

    def part(self, wanted: Callable[[Mapping[str, Secret]], tuple[str, ...]]) -> Sent:
        """Those whose names are wanted."""
        return Sent(
            {n: self.headers[n] for n in wanted(self.headers)}, {n: self.query[n] for n in wanted(self.query)}
        )

    def map(self, change: Callable[[Secret], Secret]) -> Sent:
        """The same with each value changed."""
        return Sent(
            {n: change(v) for n, v in self.headers.items()}, {n: change(v) for n, v in self.query.items()}
        )

    def over(self, other: Sent) -> Sent:
        """This laid over another."""
        return Sent({**other.headers, **self.headers}, {**other.query, **self.query})


def live(target: Target) -> Sent:
    """What would go to the target."""
    return Sent(live_headers(target), target.entry.query if isinstance(target.entry, Remote) else {})


def credential_of(target: Target, sent: Sent) -> Sent:
    """Of what is sent, that which carries the credential."""
    return sent.part(lambda values: carriers(values, target.secrets))


def without_credential(target: Target, sent: Sent) -> Sent:
    """Of what is sent, all but that which carries the credential."""
    return sent.part(lambda values: tuple(n for n in values if n not in carriers(values, target.secrets)))


def hider(target: Target) -> Callable[[str], str]:
    """Takes the target's secrets out of a sentence: servers and programs quote what they were given."""
    return _hiding(_secrets(target))


def own_hider(target: Target) -> Callable[[str], str]:
    """The same for a sentence of this program's own: a secret that is a mere word is not taken out of it, for it does
    not come from there, and the gap would tell it."""
    return _hiding([value for value in _secrets(target) if is_telling(value)])


def _hiding(values: list[Secret]) -> Callable[[str], str]:
    redactor = Redactor()
    redactor.know(*values)
    return redactor.known


def _secrets(target: Target) -> list[Secret]:
    entry = target.entry
    values = [*target.secrets.values(), *([target.credential] if target.credential else [])]
    if isinstance(entry, Remote):
        values += credential_of(target, live(target)).values()
    else:
        values += [value for name, value in entry.env.items() if tells_a_secret(name)]
    for program in (entry, target.program):
        if isinstance(program, Stdio):
            from wizard.telling import secrets_among

            values += secrets_among(program.command)
    parts = urlsplit(target.url)
    pairs = (*parse_qsl(parts.query), *parse_qsl(parts.fragment))
    values += [Secret(value) for name, value in pairs if tells_a_secret(name)]
    # a reference that nothing filled in is what has to be shown
    return [v for v in values if not _REFERENCE.fullmatch(split(v.reveal())[1])]


def live_headers(target: Target) -> dict[str, Secret]:
    """The headers that would go to the target: the entry's own, or for a stdio entry those of its HTTP API."""
    if isinstance(target.entry, Remote):
        return dict(target.entry.headers)
    choice = target.choice
    if choice is None:
        return {}
    from wizard.methods import headers

    given = {field: Secret(secret.reveal().strip()) for field, secret in target.secrets.items()}
    try:
        sent = headers(replace(choice, secrets=given))
    except AuthwizardError:
        return {}
    # Rendered from clean values, then the text as it is put back: what cannot be sent is for the lint to name.
    for name, secret in target.secrets.items():
        clean = given[name].reveal()
        if clean:
            sent = {n: Secret(v.reveal().replace(clean, secret.reveal())) for n, v in sent.items()}
    return sent


def carriers(headers: Mapping[str, Secret], known: Mapping[str, Secret]) -> tuple[str, ...]:
    """The names of the headers, or parameters, that carry a credential: told by their name, or by a known value."""
    values = [s.reveal().strip() for s in known.values() if len(s) > 3]
    return tuple(
        name
        for name, value in headers.items()
        if value.reveal().strip() and (tells_a_secret(name) or any(v in value.reveal() for v in values))
    )


def split(value: str) -> tuple[str, str]:
    """Scheme and credential of an Authorization value; the scheme is empty where none stands there."""
    word, space, rest = value.partition(" ")
    if space and word.lower() in SCHEMES:
        return word, rest
    return "", value


def false_value(value: Secret) -> Secret:
    """A well-formed credential of the same kind that nobody was given."""
    scheme, _ = split(value.reveal())
    made = "authwizard-false-" + secrets.token_urlsafe(16)
    if scheme.lower() == "basic":
        import base64

        made = base64.b64encode(f"nobody:{made}".encode()).decode()
    return Secret(f"{scheme} {made}" if scheme else made)
