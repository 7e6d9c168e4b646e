"""Taking secrets out of what is recorded, by three nets: known values, telling names, and the look of a token."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import Final
from urllib.parse import parse_qsl, quote, quote_plus, urlencode, urlsplit, urlunsplit

from .secret import MASK, Secret

_SHORTEST: Final = 4
_PIECE: Final = 12
"""So many characters of a long value are taken for it: what quotes a secret often cuts it."""
_END: Final = 6
"""So many are enough where the text is cut right after them."""

_NAMES: Final = re.compile(
    r"(?i)^(?:proxy-)?authorization$|^x-authorization$|cookie|token|secret|password|passwd|api[-_]?key|assertion"
    r"|^code$|code_verifier|^key$|^sig(?:nature)?$|credential|session|^state$|^nonce$|dpop"
)
_OPEN_NAMES: Final = re.compile(
    r"(?i)token_endpoint|token_type|tokens?_(?:supported|endpoint)|_supported$|expires|session_state_supported"
    r"|^www-authenticate$|max_tokens|jwks|error|ratelimit"
)
_JSON_PAIR: Final = re.compile(r'"((?:[^"\\]|\\.){1,80})"(\s*:\s*)"((?:[^"\\]|\\.)*)"')
_FORM_PAIR: Final = re.compile(r"(?<![\w.-])([A-Za-z_.-]{3,40})=([^\s&;,\"'<>]{4,})")
_JWT: Final = re.compile(r"\bey[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)*")
_SCHEME: Final = re.compile(r"(?i)\b(bearer|basic|dpop|token)(\s+)([A-Za-z0-9._~+/=-]{8,})")


def tells_a_secret(name: str) -> bool:
    """Whether a header, parameter or JSON key of this name holds a secret."""
    return bool(_NAMES.search(name)) and not _OPEN_NAMES.search(name)


class Redactor:
    """Takes out the values it knows, and whatever looks or is named like a secret."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def know(self, *secrets: Secret) -> None:
        """Remember values that must never be shown, in each form that they may travel in."""
        for secret in secrets:
            text = secret.reveal()
            bare = text.split(" ", 1)[1] if " " in text.strip() else text
            for form in {text, text.strip(), bare, bare.strip()}:
                if len(form) < _SHORTEST:
                    continue
                encoded = form.encode("utf-8", "surrogatepass")
                self._known |= {
                    form,
                    quote(form, safe="", errors="replace"),
                    quote_plus(form, errors="replace"),
                }
                self._known |= {
                    base64.b64encode(encoded).decode(),
                    base64.urlsafe_b64encode(encoded).decode(),
                }
                self._known |= {base64.b64encode(encoded).decode().rstrip("=")}
                self._known |= {form.replace("\\", "\\\\").replace('"', '\\"'), html.escape(form)}
                self._known |= {json.dumps(form)[1:-1], json.dumps(form, ensure_ascii=False)[1:-1]}
                self._known |= {repr(form)[1:-1], *(line for line in form.split("\n") if len(line) >= _PIECE)}

    def known(self, text: str) -> str:
        """A sentence without the known values, whole or cut; nothing else in it is judged."""
        values = sorted(self._known, key=len, reverse=True)
        for value in values:
            text = text.replace(value, MASK)
        for value in values:
            text = _without_pieces(text, value)
        return text

    def text(self, text: str) -> str:
        """Free text, such as a body or an error message."""
        text = self.known(text)
        text = _JWT.sub(MASK, text)
        text = _SCHEME.sub(lambda m: f"{m[1]}{m[2]}{MASK}", text)
        text = _JSON_PAIR.sub(
            lambda m: f'"{m[1]}"{m[2]}"{MASK}"' if m[3] and tells_a_secret(m[1]) else m[0], text
        )
        return _FORM_PAIR.sub(lambda m: f"{m[1]}={MASK}" if tells_a_secret(m[1]) else m[0], text)

    def header(self, name: str, value: str) -> str:
        """A header's value: of a secret one only the scheme is kept."""
        if not tells_a_secret(name):
            return self.text(self.url(value) if name.lower() in ("location", "content-location") else value)
        if name.lower().endswith("cookie"):
            return "; ".join(
                f"{part.split('=', 1)[0].strip()}={MASK}"
                if "=" in part and (i == 0 or name.lower() == "cookie")
                else part.strip()
                for i, part in enumerate(value.split(";"))
            )
        scheme, _, rest = value.partition(" ")
        return f"{scheme} {MASK}" if rest and scheme.lower() in ("bearer", "basic", "dpop", "token") else MASK

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


def _without_pieces(text: str, value: str) -> str:
    """The text without a value's beginning or end, of which the rest was cut off."""
    # an address begins as many others do; what follows a scheme is known by itself
    if len(value) < _PIECE + _END or "://" in value or _SCHEME.match(value):
        return text
    at = text.find(value[:_PIECE])
    while at >= 0:
        end = at + _PIECE
        while end < len(text) and text[at : end + 1] == value[: end + 1 - at]:
            end += 1
        text = f"{text[:at]}{MASK}{text[end:]}"
        at = text.find(value[:_PIECE], at + len(MASK))
    at = text.rfind(value[-_PIECE:])
    while at >= 0:
        begin, end = at, at + _PIECE
        while begin > 0 and end - begin < len(value) and text[begin - 1] == value[begin - 1 - end]:
            begin -= 1
        text = f"{text[:begin]}{MASK}{text[end:]}"
        at = text.rfind(value[-_PIECE:], 0, begin)
    bare = text.removesuffix("…")
    for size in range(_PIECE - 1, _END - 1, -1) if bare != text else ():
        if bare.endswith(value[:size]):
            return f"{bare[:-size]}{MASK}{text[len(bare) :]}"
    return text
