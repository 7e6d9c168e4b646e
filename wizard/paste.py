"""Looking at a pasted value before it goes anywhere: what is wrong with its form, said without repeating it."""

from __future__ import annotations

import base64
import binascii
import re
import time
from dataclasses import dataclass
from typing import Final

from . import prefixes, wrong_field
from .jwt import Peek, peek
from .lengths import roughly
from .mending import DOUBLE_BEARER, INVISIBLE, LONGEST, Form, form_of, mend
from .secret import Secret
from .services import Field

WRONG: Final = "wrong"
DOUBTFUL: Final = "doubtful"

_LIMIT: Final = 16_384
_TRUNCATED: Final = "token-truncated-or-placeholder"
_WRONG_KIND: Final = "credential-of-wrong-kind"
_UNEXPANDED: Final = re.compile(
    r"\$\{[^{}]*\}|\{\{[^{}]*\}\}|\{(?:env|file|input|secret):[^{}]*\}|\$\([^()]*\)"
)
_VARIABLE: Final = re.compile(
    r"\$[A-Za-z_]\w*|%[A-Za-z_]\w*%|(?:\$?env:|process\.env\.)[A-Za-z_]\w*", re.IGNORECASE
)
_SEPARATORS: Final = re.compile(r"[-_\s<>\[\](){}.]+")
_TELLING: Final = (
    "your yours here insert paste replace replaceme changeme changeit placeholder todo tbd fixme xxx"
    " yourtoken yourtokenhere yourapikey yoursecret yourcompany"
)
_EMPTY: Final = (
    "my the a an me this with goes put enter change api access auth bearer personal client user name value token"
    " tokens key secret password apikey id example dummy sample null none undefined invalid real actual"
    " prod staging character 43"
)
_STRONG: Final = frozenset(_TELLING.split())
_WEAK: Final = frozenset(_EMPTY.split())
_MASKED: Final = re.compile(r"\*{3,}|[•●]")
_CROSSED: Final = re.compile(r"x{4,}|abc123|xyz789")
_URL: Final = re.compile(r"https?://", re.IGNORECASE)
_PATH: Final = re.compile(r"(?:~|\.{1,2})/\S*|file:\S*|[A-Za-z]:\\\S*")
_MAYBE_PATH: Final = re.compile(r"(?:/[\w.-]+){2,}")
_EMAIL: Final = re.compile(r"[^@\s]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_SCHEME: Final = re.compile(r"(?:basic|digest|negotiate|dpop)\s+\S", re.IGNORECASE)
_ID_TOKEN_FIELDS: Final = frozenset({"idp_id_token", "assertion"})
_SKEW: Final = 60.0


@dataclass(frozen=True, slots=True)
class PasteIssue:
    """One thing seen. ``says`` never holds the value.

    ``mended`` is the value after *all* mends that are certain, the same in every issue that can be mended; None
    where this one cannot. ``severity`` is ``wrong`` (it cannot work as it is) or ``doubtful``.
    """

    id: str
    says: str
    mended: Secret | None = None
    severity: str = WRONG


def look(text: str, field: Field | None = None, *, now: float | None = None) -> tuple[PasteIssue, ...]:
    """What is to be said about a value before it is used; nothing when it looks right.

    ``field`` is what it is for (None: some token). ``now`` is the time in seconds since 1970. Never raises.
    """
    if len(text) > LONGEST:
        why = "no server takes so long a header" if peek(text) else "this is no credential"
        return (PasteIssue("too-long", f"It has {len(text):,} characters: {why}."),)
    if not text and field is not None and not field.required:
        return ()
    left, mends = mend(text, field)
    mended = Secret(left) if left and left != text else None
    issues = [PasteIssue(m.id, m.says, mended) for m in mends]
    judged = _judge(text, left, field, time.time() if now is None else now)
    if not any(issue.severity == WRONG for issue in judged):
        judged += _prefix(left, field)
    return (*issues, *judged)


def _judge(text: str, left: str, field: Field | None, now: float) -> list[PasteIssue]:
    form = form_of(field)
    if not left.strip():
        return [PasteIssue("empty", "There is nothing in it.")]
    if field and (text.strip() in field.examples or left in field.examples):
        return [PasteIssue(_TRUNCATED, "That is the example printed in the document: nobody's credential.")]
    if form is not Form.COMMAND and (found := _unexpanded(left, form) or _placeholder(left, form)):
        return [found]
    if form is Form.KEY:
        return []
    if form in (Form.TOKEN, Form.WHOLE) and (found := _other_thing(left, form)):
        return [found]
    seen = wrong_field.look(left, field)
    if seen and seen.sure:
        return [PasteIssue(_WRONG_KIND, seen.says)]
    if found := _characters(left, form):
        return [found]
    if len(left) > _LIMIT:
        return [PasteIssue("too-long", f"It has {len(left):,} characters: no server takes so long a header.")]
    doubts = [PasteIssue(_WRONG_KIND, seen.says, severity=DOUBTFUL)] if seen else []
    return [*_jwt(left, field, now), *doubts] if form is Form.TOKEN else doubts


def _unexpanded(left: str, form: Form) -> PasteIssue | None:
    if not (_UNEXPANDED.search(left) or _VARIABLE.fullmatch(left)):
        return None
    severity = DOUBTFUL if form is Form.PASSWORD else WRONG
    says = "That is the name of a variable, not its value: nothing here puts the value in."
    return PasteIssue("unexpanded-variable-literal", says, severity=severity)


def _placeholder(left: str, form: Form) -> PasteIssue | None:
    """Text that stands where a credential should be put, or a value that was cut or masked when it was shown."""
    if form in (Form.PASSWORD, Form.KEY):
        return None
    if left.startswith("<") and left.endswith(">"):
        return PasteIssue(_TRUNCATED, "That is a placeholder, to be replaced with the real value.")
    words = [word for word in _SEPARATORS.split(left.lower()) if word]
    known = all(w in _STRONG or w in _WEAK or _CROSSED.fullmatch(w) for w in words)
    strong = any(w in _STRONG for w in words)
    if words and ((known and strong) or _CROSSED.fullmatch(words[-1])):
        return PasteIssue(_TRUNCATED, "That is a placeholder, to be replaced with the real value.")
    if form is Form.TEXT:
        return None
    if "..." in left or "…" in left:
        return PasteIssue(
            _TRUNCATED, "It was shortened where you copied it: there are dots in place of the rest."
        )
    if _MASKED.search(left):
        return PasteIssue(
            _TRUNCATED, "It was masked where you copied it: there are marks in place of the value."
        )
    if words and known:
        return PasteIssue(_TRUNCATED, "That looks like a placeholder.", severity=DOUBTFUL)
    return None


def _other_thing(left: str, form: Form) -> PasteIssue | None:
    """Something else that people paste where a credential belongs."""
    if left.startswith("-----BEGIN "):
        return PasteIssue(_WRONG_KIND, "That is a certificate or a private key, not a token.")
    if _URL.match(left):
        return PasteIssue(_WRONG_KIND, "That is a web address, not a credential.")
    if _PATH.fullmatch(left):
        return PasteIssue(_WRONG_KIND, "That is the name of a file, not what stands in it.")
    if left.startswith("{") and left.endswith("}"):
        says = "That is a JSON object without `access_token`, `token` or `value`."
        return PasteIssue(_WRONG_KIND, says)
    if form is Form.WHOLE:
        return None
    if scheme := _SCHEME.match(left):
        name = scheme[0].split()[0].capitalize()
        return PasteIssue(_WRONG_KIND, f"That is a credential of the scheme {name}, not a token.")
    if _MAYBE_PATH.fullmatch(left):
        return PasteIssue(_WRONG_KIND, "That looks like the name of a file.", severity=DOUBTFUL)
    if _EMAIL.fullmatch(left):
        return PasteIssue(_WRONG_KIND, "That looks like an email address.", severity=DOUBTFUL)
    return None


def _characters(left: str, form: Form) -> PasteIssue | None:
    if form is Form.TOKEN and len(left.splitlines()) > 1:
        return PasteIssue("several-lines", "It has several lines; a token is one line. Copy it alone.")
    if any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in left):
        return PasteIssue(INVISIBLE, "It holds a line end or a control character.")
    if form is Form.TOKEN and any(c.isspace() for c in left):
        return PasteIssue(INVISIBLE, "There is a space inside it; a token has none.")
    odd = [c for c in left if ord(c) > 0x7E]
    if odd and form in (Form.TOKEN, Form.WHOLE):
        says = f"It holds a character that no token has (U+{ord(odd[0]):04X}). Copy it again, as plain text."
        return PasteIssue(INVISIBLE, says)
    if form is Form.WHOLE and any(c in left for c in '"') and left.count('"') == 1:
        return PasteIssue(INVISIBLE, "There is a single quote mark inside it.", severity=DOUBTFUL)
    return None


def _jwt(left: str, field: Field | None, now: float) -> list[PasteIssue]:
    found = peek(left)
    if found is None:
        return _broken_jwt(left)
    if left.endswith(".") and str(found.header.get("alg")).lower() != "none":
        return [PasteIssue(_TRUNCATED, "It is a JWT whose signature is cut off.")]
    issues = []
    if found.text("typ").lower() == "refresh":
        issues.append(PasteIssue(_WRONG_KIND, "That is a refresh token; an access token is wanted here."))
    if _is_id_token(found) and not (field and field.id in _ID_TOKEN_FIELDS):
        says = "That is an ID token: it tells an app who logged in. An API wants the access token."
        issues.append(PasteIssue("id-token-used-as-access-token", says))
    expires, begins = found.time("exp"), found.time("nbf")
    issued = found.time("iat")
    if expires is not None and expires <= now:
        issues.append(PasteIssue("access-token-expired", f"It expired {roughly(now - expires)} ago."))
    start = max((t for t in (begins, issued) if t is not None), default=None)
    if start is not None and start > now + _SKEW:
        says = f"It becomes valid only in {roughly(start - now)}. Check this machine's clock."
        issues.append(PasteIssue("token-not-yet-valid-iat-nbf-future", says))
    return issues


def _is_id_token(found: Peek) -> bool:
    return (
        "nonce" in found.claims
        or "at_hash" in found.claims
        or found.text("typ").upper() == "ID"
        or found.text("token_use").lower() == "id"
    )


def _broken_jwt(left: str) -> list[PasteIssue]:
    if not left.startswith("eyJ"):
        return []
    count = left.count(".") + 1
    if count == 1 and (inside := _decoded(left)) is not None:
        # base64 of a JSON object that is no JWT header: some services make their opaque tokens so
        if b'"alg"' not in inside:
            return []
        return [PasteIssue(_TRUNCATED, "It is the first of the three parts of a JWT. Copy it whole.")]
    if count == 1:
        return [PasteIssue(_TRUNCATED, "It begins like a JWT and has one part of three.", severity=DOUBTFUL)]
    if count in (2, 4):
        return [PasteIssue(_TRUNCATED, f"It begins like a JWT, but has {count} parts. Copy it whole.")]
    if count == 3:
        return [PasteIssue(_TRUNCATED, "It begins like a JWT, but cannot be decoded. Copy it whole.")]
    return []


def _decoded(text: str) -> bytes | None:
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    return data if data.startswith(b"{") and data.rstrip().endswith(b"}") else None


def _prefix(left: str, field: Field | None) -> list[PasteIssue]:
    if field is None or not left:
        return []
    if form_of(field) is Form.WHOLE:
        if left.lower().startswith("bearer ") and field.id.lower() != "header.authorization":
            says = "It begins with `Bearer`; a header of its own mostly takes the key alone."
            return [PasteIssue(DOUBLE_BEARER, says, severity=DOUBTFUL)]
        return []
    if not field.prefix:
        return []
    if left in field.beginnings:
        return [PasteIssue(_TRUNCATED, f"It is only the beginning, `{left}`. Copy it whole.")]
    if other := prefixes.misplaced(left, field):
        says = (
            f"It begins with `{other.begins}`: that is {other.what}, of {other.whose}. {field.title} begins"
        )
        return [PasteIssue(_WRONG_KIND, f"{says} with {prefixes.listed(field)}.", severity=DOUBTFUL)]
    if not left.startswith(field.beginnings):
        says = f"It does not begin with {prefixes.listed(field)}, as this kind usually does."
        return [PasteIssue("wrong-prefix", says, severity=DOUBTFUL)]
    return []
