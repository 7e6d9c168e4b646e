"""Taking secrets out of what is recorded, by three nets: known values, telling names, and the look of a token."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import Final
from urllib.parse import parse_qsl, quote, quote_plus, urlencode, urlsplit, urlunsplit

from .disguise import Disguised
from .runs import Runs
from .secret import MASK, Secret

_WORD: Final = 6
"""A value shorter than this is taken out where it stands as a word: within others it is mere chance."""
_RUN: Final = 8
"""So many characters in a row out of a value are taken for it, for what quotes a secret often cuts it..."""
_PLAIN: Final = 12
"""...or so many where they hold no digit and no capital: ``practice`` and ``github_pat_`` stand in open texts too."""
_END: Final = 6
"""So many are enough where the text is cut right after them."""
_LONGEST_NAME: Final = 40

_NAMES: Final = re.compile(
    r"(?i)^(?:proxy-)?authorization$|^x-authorization$|cookie|token|secret|password|passwd|api[-_]?key|assertion"
    r"|^(?:device_)?code$|code_verifier|^key$|^sig(?:nature)?$|credential|session|^state$|^nonce$|dpop"
    r"|^saml(?:response|art)$|^(?:auth|pat|jwt)$"
)
_OPEN_NAMES: Final = re.compile(
    r"(?i)token_endpoint|token_type|tokens?_(?:supported|endpoint)|_supported$|expires|session_state_supported"
    r"|^www-authenticate$|max_tokens|jwks|error|ratelimit"
)
_JSON_PAIR: Final = re.compile(r'"((?:[^"\\]|\\.){1,80})"(\s*:\s*)"((?:[^"\\]|\\.)*)(?:(")|\\?\Z)')
"""An answer that was cut off ends within a text."""
_JSON_LIST: Final = re.compile(r'"((?:[^"\\]|\\.){1,80})"(\s*:\s*\[)(\s*"(?:[^"\\\]]|\\.)[^\[\]{}]*)(\]|\Z)')
_FORM_PAIR: Final = re.compile(r"(?<![\w.-])([A-Za-z_.-]{3,40})=(\"?)[^\s&;,\"'<>]{4,}")
_JWT: Final = re.compile(r"\bey[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)*")
_LEADING: Final = re.compile(r"(?i)(?:(?:bearer|basic|dpop|token|apikey)\s+)+")
"""What stands before a credential and is none of it; by a slip more than once."""
_OWN_WORD: Final = re.compile(r"[A-Za-z]?[a-z' -]*|[A-Z]*")
_SCHEME: Final = re.compile(
    r"(?i)\b(bearer|basic|dpop|token)(\s+)"
    r"(?!(?:endpoints?|verification|validation|introspection|revocation|authentication|response|provided|required"
    r"|received|presented|supplied)(?![A-Za-z0-9._~+/=-]))"
    r"([A-Za-z0-9._~+/=-]{8,})"
)
"""A scheme and what follows it, which is a credential unless it is one of those words that speak of one..."""
_PARAMETER: Final = re.compile(r"([a-z][a-z_]{2,39})=(\Z|[^=]+\Z)")
_CHALLENGE: Final = frozenset(
    {"realm", "scope", "error", "error_description", "error_uri", "resource", "resource_metadata"}
)
"""...or a challenge's parameter: its value stands in quotes, or it is one of those of RFC 6750 and RFC 9728."""


def tells_a_secret(name: str) -> bool:
    """Whether a header, parameter or JSON key of this name holds a secret."""
    return bool(_NAMES.search(name)) and not _OPEN_NAMES.search(name)


def secret_part(url: str) -> str:
    """The part of an address that is a secret, as a clause: its user, or a parameter that is called so; else empty."""
    if "://" not in url:
        return ""
    rest = url.partition("://")[2]
    if "@" in re.split(r"[/?#]", rest, maxsplit=1)[0]:
        return "a user name or password"
    try:
        parts = urlsplit(url)
        pairs = [*parse_qsl(parts.query), *parse_qsl(parts.fragment)]
    except ValueError:
        return ""
    name = next((name for name, value in pairs if value and tells_a_secret(name)), "")
    shown = name if name.isprintable() and len(name) <= _LONGEST_NAME else "…"
    return f"a value for `{shown}`" if name else ""


def is_telling(secret: Secret) -> bool:
    """Whether a value is unlikely to stand in a sentence by chance: short ones and words of a language are not. To
    take such a one out of this program's own words would tell it rather than hide it."""
    bare = _LEADING.sub("", secret.reveal().strip(), count=1)
    return len(bare) >= _WORD and (len(bare) >= _PLAIN or not _OWN_WORD.fullmatch(bare))


class Redactor:
    """Takes out the values it knows, and whatever looks or is named like a secret."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._words: dict[str, re.Pattern[str]] = {}
        self._runs = Runs(_RUN, excepted=_is_scheme)
        self._disguised = Disguised(_RUN, _PLAIN)

    def know(self, *secrets: Secret) -> None:
        """Remember values that must never be shown, in each form that they may travel in."""
        for text in (part for secret in secrets for part in self._parts(secret.reveal())):
            bare = text.split(" ", 1)[1] if " " in text.strip() else text
            alone = _LEADING.sub("", text.strip(), count=1) if _LEADING.match(text.strip()) else text
            for form in {text, text.strip(), bare, bare.strip(), alone}:
                if 0 < len(form) < _WORD:
                    self._words |= {form: _as_word(form)} if form.strip() else {}
                elif form.strip() and form not in self._known:
                    self._remember(form)

    def _parts(self, text: str) -> list[str]:
        """The value; of a document that holds an access token what is called a secret in it, for the addresses and
        names beside that stand in open texts too. The document as a whole is known all the same."""
        if not text.lstrip().startswith("{") or '"access_token"' not in text:
            return [text]
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return [text]
        parts = [v for k, v in found.items() if isinstance(v, str) and v and tells_a_secret(k)]
        if not isinstance(found.get("access_token"), str):
            return [text]
        self._known.add(text)
        return parts

    def _remember(self, form: str) -> None:
        forms = _forms(form)
        self._known |= forms
        # an address begins as many others do, and what follows a scheme is known by itself
        own = form.partition("://")[2].partition("/")[2] if "://" in form else form
        told = {own} if "://" in form else forms
        if not _LEADING.match(own):
            self._disguised.know(own)
        for text in told:
            if not _LEADING.match(text):
                self._runs.know(text)

    def known(self, text: str) -> str:
        """A sentence without the known values, whole or in part; nothing else in it is judged."""
        values = sorted(self._known, key=len, reverse=True)
        for value in values:
            text = text.replace(value, MASK)
        text = self._without_runs(self._disguised.hidden(text))
        text = _without_end(text, values)
        for word in sorted(self._words, key=len, reverse=True):
            text = self._words[word].sub(MASK, text)
        return text

    def _without_runs(self, text: str) -> str:
        """The text without any run of characters that stands in a value just so."""
        out, kept = [], 0
        for at, end in self._runs.stretches(text):
            run = text[at:end]
            if len(run) >= _PLAIN or any(c.isdigit() or c.isupper() for c in run):
                out += [text[kept:at], MASK]
                kept = end
        return "".join([*out, text[kept:]])

    def text(self, text: str) -> str:
        """Free text, such as a body or an error message."""
        text = self.known(text)
        text = _JWT.sub(MASK, text)
        text = _SCHEME.sub(lambda m: m[0] if _is_parameter(m) else f"{m[1]}{m[2]}{MASK}", text)
        text = _JSON_PAIR.sub(
            lambda m: f'"{m[1]}"{m[2]}"{MASK}{m[4] or ""}' if m[3] and tells_a_secret(m[1]) else m[0], text
        )
        text = _JSON_LIST.sub(
            lambda m: f'"{m[1]}"{m[2]}"{MASK}"{m[4]}' if tells_a_secret(m[1]) else m[0], text
        )
        return _FORM_PAIR.sub(lambda m: f"{m[1]}={m[2]}{MASK}" if tells_a_secret(m[1]) else m[0], text)

    def header(self, name: str, value: str) -> str:
        """A header's value: of a secret one only the scheme is kept."""
        if not tells_a_secret(name):
            return self.text(self.url(value) if name.lower() in ("location", "content-location") else value)
        if name.lower().endswith("cookie"):
            own = name.lower() == "cookie"
            return "; ".join(self._cookie(part, own or i == 0) for i, part in enumerate(value.split(";")))
        scheme, _, rest = value.partition(" ")
        return f"{scheme} {MASK}" if rest and scheme.lower() in ("bearer", "basic", "dpop", "token") else MASK

    def _cookie(self, part: str, is_pair: bool) -> str:
        """A cookie's name, or an attribute; what has no name is a value."""
        name, equals, _ = part.partition("=")
        if not is_pair:
            return self.text(part.strip())
        return f"{self.text(name.strip())}={MASK}" if equals else MASK if name.strip() else ""

    def url(self, url: str) -> str:
        """An address without user info, and without the values of telling parameters."""
        try:
            parts = urlsplit(url)
            host = parts.netloc.rpartition("@")[2]
            pairs = parse_qsl(parts.query, keep_blank_values=True)
        except ValueError:
            return self.text(url)
        query = urlencode([(k, "…" if tells_a_secret(k) else v) for k, v in pairs]) if pairs else parts.query
        return self.text(urlunsplit((parts.scheme, host, parts.path, query, "")))


def _is_scheme(run: str) -> bool:
    """Of two credentials in one value, the second one's scheme is nobody's secret."""
    return bool(_LEADING.fullmatch(f"{run.strip(' ,')} "))


def _is_parameter(scheme: re.Match[str]) -> bool:
    """Whether what follows the scheme is no credential but the first parameter of a challenge."""
    found = _PARAMETER.fullmatch(scheme[3])
    if found is None or tells_a_secret(found[1]):
        return False
    return found[1] in _CHALLENGE if found[2] else scheme.string[scheme.end() :].startswith('"')


def _forms(form: str) -> set[str]:
    """A value as it stands in headers, addresses, JSON, HTML and Python's own messages."""
    encoded = form.encode("utf-8", "surrogatepass")
    standard, for_urls = base64.b64encode(encoded).decode(), base64.urlsafe_b64encode(encoded).decode()
    return {
        form,
        quote(form, safe="", errors="replace"),
        quote_plus(form, errors="replace"),
        standard,
        standard.rstrip("="),
        for_urls,
        *_within(encoded),
        form.replace("\\", "\\\\").replace('"', '\\"'),
        html.escape(form),
        json.dumps(form)[1:-1],
        json.dumps(form, ensure_ascii=False)[1:-1],
        repr(form)[1:-1],
        *(line for line in form.split("\n") if len(line) >= _PLAIN),
    }


def _within(encoded: bytes) -> set[str]:
    """How a value looks in the base64 of a text that it is only a part of, such as ``name:password``: what its own
    bytes alone decide, at each of the three places where it may begin."""
    found: set[str] = set()
    for before in range(3):
        whole = bytes(before) + encoded
        for text in (base64.b64encode(whole), base64.urlsafe_b64encode(whole)):
            ours = text.decode().rstrip("=")[before + 1 if before else 0 : -1 if len(whole) % 3 else None]
            found |= {ours} if len(ours) >= _RUN else set()
    return found


def _as_word(word: str) -> re.Pattern[str]:
    before = r"(?<!\w)" if re.match(r"\w", word) else ""
    after = r"(?!\w)" if re.search(r"\w$", word) else ""
    return re.compile(f"{before}{re.escape(word)}{after}")


def _without_end(text: str, values: list[str]) -> str:
    """The text without the beginning of a value that was cut off at the text's end."""
    bare = text.removesuffix("…")
    if bare == text:
        return text
    for value in values:
        if len(value) < _PLAIN + _END or "://" in value or _SCHEME.match(value):
            continue
        for size in range(_PLAIN - 1, _END - 1, -1):
            if bare.endswith(value[:size]):
                return f"{bare[:-size]}{MASK}{text[len(bare) :]}"
    return text
