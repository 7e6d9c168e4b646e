"""Which one thing to change about a request that was turned away: pure, from what was seen so far."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from wizard.secret import Secret

from . import edge, other_way
from .answers import clean
from .facts import Situation
from .facts.edge import ACCEPT, ALONE, HOST, LENGTH, NAME, ORIGIN, SCHEME_CASE, SLASH, USER_AGENT, WAY
from .facts.wire import Answer, Differential, Request
from .sending import SCHEMES, split

BROWSER: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
ASSISTANT: Final = (
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Claude-User/1.0;"
    " +Claude-User@anthropic.com)"
)
LONG: Final = 4000
"""Characters of a credential from which on its length is asked about; the usual bounds are 4, 8 and 16 KB."""

OF_HOST: Final = re.compile(
    r"\b(?:invalid|unknown|disallowed|untrusted|unexpected|bad|forbidden)[ _](?:http[ _])?host\b"
    r"|\bhost\b(?: header)?[^.]{0,60}?\b(?:not|n't|isn't) (?:\w+ )?(?:allowed|permitted|trusted|valid|recogni[sz]ed)"
    r"|\bdns.rebinding|\bdisallowedhost|misdirected",
    re.I,
)
OF_ORIGIN: Final = re.compile(
    r"\b(?:invalid|unknown|disallowed|untrusted|missing|bad|forbidden)[ _]origin\b"
    r"|\borigin\b(?: header)?[^.]{0,60}?\b(?:not|n't|isn't) (?:\w+ )?(?:allowed|permitted|trusted|valid)"
    r"|\borigin\b(?: header)? (?:is )?required",
    re.I,
)
OF_CSRF: Final = re.compile(
    r"csrf|xsrf|cross.site (?:request forgery|post|form)|request forgery|page expired|authenticity.?token",
    re.I,
)
OF_LENGTH: Final = re.compile(
    r"(?:header|cookie|request|field)s?\b[^.]{0,40}\b(?:too (?:large|long|big)|exceeds?)"
    r"|\btoo (?:large|long|big)\b[^.]{0,20}\bheader|limit request header",
    re.I,
)
TOO_LONG: Final = frozenset({400, 413, 414, 431, 494, 500, 502, 503, 520})
_BY_SENDER: Final = frozenset({400, 403, 405, 406, 418, 429, 503})
_BY_HOST: Final = frozenset({400, 403, 404, 421})


@dataclass(frozen=True, slots=True)
class Question:
    """``headers`` are laid over the request's (an empty value takes one away); ``carries`` is what of the credential
    goes along, as headers. ``shown`` is the change in words without a secret."""

    thing: str
    shown: str
    headers: Mapping[str, str] = field(default_factory=dict)
    carries: Mapping[str, Secret] = field(default_factory=dict)
    url: str = ""


def questions(
    situation: Situation,
    differential: Differential,
    request: Request,
    sent: Mapping[str, Secret],
    *,
    legs: bool = False,
    accept: str = "",
) -> tuple[Question, ...]:
    """What to ask; nothing where the answers call for nothing. ``sent`` are the headers that carry the credential,
    ``legs`` is True where several parties want one each; ``accept`` is what the entry itself sends as Accept."""
    return (
        *_sender(differential, request),
        *_host(situation, differential),
        *_origin(situation, differential, request, sent),
        *_accept(differential, request, accept, sent),
        *_slash(differential, request),
        *_credential(differential, sent, legs=legs),
    )


def refused_before(answer: Answer) -> bool:
    """Whether somebody says no who does not ask for a credential."""
    return not answer.accepted and not answer.challenges and not answer.check


def lets_through(answer: Answer) -> bool:
    """Whether the service itself answers: it accepts, asks to sign in, or minds the message."""
    if answer.status is None or answer.check or answer.login:
        return False
    if answer.rpc and answer.status not in (403, 421, 429) and answer.status < 500:
        return True
    return answer.accepted or answer.status in (401, 405, 406, 415, 422)


def _alike(differential: Differential) -> bool:
    none, judged = differential.none, differential.judged
    return none.status == judged.status and none.error == judged.error


def _sender(differential: Differential, request: Request) -> Iterator[Question]:
    none, judged = differential.none, differential.judged
    cut = none.status is None and none.error == "connection-closed"
    if _alike(differential) and (
        cut or (none.status in _BY_SENDER and refused_before(none) and not none.rpc)
    ):
        yield Question(USER_AGENT, "of a browser", {"User-Agent": BROWSER})
    elif request.kind != "api" and edge.name_of(none) and lets_through(judged):
        yield Question(USER_AGENT, "Claude-User", {"User-Agent": ASSISTANT})


def _host(situation: Situation, differential: Differential) -> Iterator[Question]:
    none = differential.none
    told = none.status == 421 or bool(OF_HOST.search(none.told()))
    if none.status not in _BY_HOST or not _alike(differential) or none.check:
        return
    if not told and (none.status == 404 or none.rpc or none.challenges):
        return
    port = "" if situation.port == (443 if situation.secure else 80) else f":{situation.port}"
    names = [f"{n}{port}" for n in ("localhost", "127.0.0.1") if n != situation.host]
    for name in names if told else names[:1]:
        yield Question(HOST, name, {"Host": name})
    if told and port:
        yield Question(HOST, "localhost", {"Host": "localhost"})


def _origin(
    situation: Situation, differential: Differential, request: Request, sent: Mapping[str, Secret]
) -> Iterator[Question]:
    judged = differential.judged
    if judged.status not in (400, 403):
        return
    # some look at it after the credential, so that it has to go along
    carries = {} if _alike(differential) else sent
    own = next((n for n in request.headers if n.lower() == "origin"), "")
    if own:
        yield Question(ORIGIN, "taken away", {own: ""}, carries)
    elif OF_ORIGIN.search(judged.told()):
        parts = urlsplit(situation.url)
        yield Question(
            ORIGIN,
            "of its own",
            {"Origin": f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"},
            carries,
        )


def _accept(
    differential: Differential, request: Request, own: str, sent: Mapping[str, Secret]
) -> Iterator[Question]:
    if request.kind == "mcp" and own:
        yield Question(ACCEPT, clean(own, 80), {"Accept": own}, sent)
    if differential.judged.status == 406:
        for value in ("*/*", "application/json", "text/event-stream"):
            yield Question(ACCEPT, value, {"Accept": value}, sent)


def _slash(differential: Differential, request: Request) -> Iterator[Question]:
    judged = differential.judged
    if request.kind != "mcp" or not OF_CSRF.search(judged.told()) or judged.accepted:
        return
    parts = urlsplit(request.url)
    path = parts.path[:-1] if parts.path.endswith("/") else f"{parts.path}/"
    if path:
        yield Question(SLASH, path, url=urlunsplit(parts._replace(path=path)))


def _credential(differential: Differential, sent: Mapping[str, Secret], *, legs: bool) -> Iterator[Question]:
    real, none = differential.real, differential.none
    if real is None or real.accepted or not sent:
        return
    name, value = next(iter(sent.items()))
    scheme, bare = split(value.reveal().strip())
    cut = real.status is None and real.error == "connection-closed"
    if (real.status in TOO_LONG or cut) and none.status != real.status and _size(sent) > LONG:
        false = Secret(f"{scheme} {'x' * len(bare)}" if scheme else "x" * len(bare))
        yield Question(LENGTH, f"a false one of {len(bare):,} characters", carries={**sent, name: false})
    if not real.refused:
        return
    if name.lower() == "authorization" and scheme == "Bearer" and len(sent) == 1 and "," not in bare:
        yield Question(SCHEME_CASE, "bearer", carries={name: Secret(f"bearer {bare}")})
    if "_" in name and real.same_as(none):
        hyphens = name.replace("_", "-")
        yield Question(NAME, hyphens, carries={hyphens: value})
    if len(sent) == 1:
        for header, word in other_way.ways(name, scheme, differential):
            shown = f"{header}: {word} …" if word else f"{header}: …"
            yield Question(WAY, shown, carries={header: Secret(f"{word} {bare}" if word else bare)})
    if not legs:
        for place, each in alone(sent):
            yield Question(ALONE, place, carries={place.partition(",")[0]: each})


def _size(sent: Mapping[str, Secret]) -> int:
    return sum(len(n) + len(v) for n, v in sent.items())


def alone(sent: Mapping[str, Secret]) -> tuple[tuple[str, Secret], ...]:
    """Each credential of a request that carries several, with where it stands; nothing where it carries one. Several
    in one value are told by their schemes."""
    found: list[tuple[str, Secret]] = []
    for name, value in sent.items():
        pieces = [p.strip() for p in value.reveal().split(",")]
        schemed = len(pieces) > 1 and all(split(p)[0].lower() in SCHEMES for p in pieces)
        each = pieces if schemed else [value.reveal().strip()]
        for number, piece in enumerate(each, 1):
            found.append((name if len(each) == 1 else f"{name}, value {number}", Secret(piece)))
    return tuple(found) if len(found) > 1 else ()
