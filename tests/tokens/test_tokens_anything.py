"""Whatever is pasted, or comes as a challenge, is explained and breaks nothing.

The long form, of a million examples, is run by `benchmarks/long_forms.py`.
"""

from __future__ import annotations

import base64
import json
import os
import zlib
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.examples import examples

from diagnostics import token_text, token_words
from diagnostics.token import explain
from wizard.challenge import parse_challenges
from wizard.secret import Secret

MADE = int(os.environ.get("AUTHWIZARD_EXAMPLES", "0")) or examples(2_000)
CLAIM_NAMES = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "scope",
    "scp",
    "roles",
    "groups",
    "realm_access",
    "resource_access",
    "cnf",
    "typ",
    "token_use",
    "nonce",
    "azp",
    "client_id",
    "_claim_names",
    "hasgroups",
    "wids",
    "cognito:groups",
    "permissions",
    "https://acme.test/groups",
    "ver",
    "tid",
    "email",
]
NAMES = st.sampled_from(CLAIM_NAMES)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
CLAIMS = st.dictionaries(NAMES | st.text(max_size=10), VALUES, max_size=8)
HEADERS = st.fixed_dictionaries(
    {"alg": st.sampled_from(["RS256", "none", "ES256", "dir", ""]) | VALUES},
    optional={"typ": VALUES, "kid": VALUES, "enc": st.sampled_from(["A256GCM"]) | VALUES},
)
ELEMENT_NAMES = [
    "Response",
    "Assertion",
    "Issuer",
    "Subject",
    "NameID",
    "Conditions",
    "Audience",
    "AttributeStatement",
    "Attribute",
    "AttributeValue",
    "EncryptedAssertion",
    "StatusCode",
    "Signature",
]
ELEMENTS = st.sampled_from(ELEMENT_NAMES)
ODD = [
    "",
    "a",
    "&lt;",
    "é",
    "\u202e",
    "\x00",
    "\x1b[2J",
    "<!DOCTYPE a>",
    "]]>",
    "%",
    "\ud800",
    " ",
    "\r\n",
    '"',
    ".",
]
TIMES = ["2026-11-21T10:00:00Z", "9999-99-99T99:99:99Z", "0001-01-01T00:00:00+23:59", ""]
PLAIN_VALUES = [
    None,
    True,
    0,
    -1,
    1e308,
    10**30,
    "",
    "x",
    "/a/b",
    "\x1b[2J",
    "\u202e",
    "http://[",
    1_790_000_100,
    "a b",
]
WORDS = [
    "expected",
    "audience",
    "issuer",
    "iss",
    "aud",
    ":",
    "'x'",
    "to be",
    "[",
    "http://[",
    "id",
    "null",
    "\\",
    '"',
    ",",
]
MOMENTS = st.sampled_from(
    ["2026-11-21T10:00:00Z", "9999-99-99T99:99:99Z", "", "now", "0001-01-01T00:00:00+23:59"]
)


def coded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def dumped(value: object) -> bytes:
    return json.dumps(value).encode()


@st.composite
def tokens(draw: st.DrawFn) -> str:
    parts = [coded(dumped(draw(HEADERS))), coded(dumped(draw(CLAIMS)))]
    parts += [coded(draw(st.binary(max_size=20))) for _ in range(draw(st.integers(0, 4)))]
    text = ".".join(parts)
    cut = draw(st.integers(0, len(text)))
    return draw(st.sampled_from([text, text, text[:cut], f"Bearer {text}", f"{text}\r\n", f'"{text}"']))


@st.composite
def messages(draw: st.DrawFn) -> str:
    def element(depth: int) -> str:
        name = draw(ELEMENTS)
        inside = "".join(element(depth - 1) for _ in range(draw(st.integers(0, 3)))) if depth else ""
        said = draw(st.text(alphabet="ab <&]\u202e\u0000é", max_size=6))
        called = draw(st.sampled_from(["groups", "role", "x"]))
        bound = f'NotBefore="{draw(MOMENTS)}" NotOnOrAfter="{draw(MOMENTS)}" Name="{called}"'
        return f"<{name} {bound}>{inside}{said if draw(st.booleans()) else ''}</{name}>"

    space = draw(
        st.sampled_from(
            ["urn:oasis:names:tc:SAML:2.0:protocol", "urn:oasis:names:tc:SAML:1.0:assertion", "x"]
        )
    )
    kind = draw(
        st.sampled_from(
            ["", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>", "<?xml version='1.0'?>"]
        )
    )
    text = f'{kind}<Response xmlns="{space}">{element(2)}</Response>'
    data = text.encode("utf-8", "replace")
    return draw(
        st.sampled_from(
            [
                text,
                base64.b64encode(data).decode(),
                base64.b64encode(zlib.compress(data)[2:-4]).decode(),
                f"SAMLResponse={base64.b64encode(data).decode()}&RelayState=x",
                text[: len(text) // 2],
            ]
        )
    )


CHALLENGES = st.lists(
    st.text(max_size=60)
    | st.builds(
        "{} {}={}, error_description={}".format,
        st.sampled_from(["Bearer", "DPoP", "Basic", ""]),
        st.text(max_size=8),
        st.text(max_size=12),
        st.sampled_from(
            ['"jwt audience invalid. expected: x"', '"Invalid Compact JWS"', "expected issuer", '"\\', '"']
        ),
    ),
    max_size=3,
)


def holds(text: str, challenges: list[str]) -> None:
    """Nothing of it raises, and what is shown can be shown."""
    report = explain(Secret(text), now=1_790_000_000.0)
    shown = token_text.text(report)
    assert not any(ord(c) < 32 and c != "\n" for c in shown)
    json.dumps(report.as_json())
    for challenge in parse_challenges(challenges):
        words = f"{challenge.get('error')} {challenge.get('error_description')}"
        token_words.expected_audiences(words)
        token_words.expected_issuers(words)
        token_words.about(words, token_words.FORM)


@settings(
    max_examples=examples(200),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(text=st.one_of(tokens(), messages(), st.text(max_size=200)), challenges=CHALLENGES)
def test_nothing_that_is_pasted_breaks_it(text: str, challenges: list[str]) -> None:
    holds(text, challenges)


def test_what_would_act_on_a_terminal_is_shown_as_what_it_is() -> None:
    for claims in ({"iss": "\x1b[2J"}, {"aud": "\x1b[2J"}, {"aud": ["a", "\u202e"]}):
        head = coded(dumped({"alg": "\x1b"}))
        holds(f"{head}.{coded(dumped(claims))}.{coded(b'x')}", [])


def test_no_made_up_text_breaks_it() -> None:
    """The same by the plain generator of the library, which is quick enough for a million."""
    for seed in range(MADE):
        chance = Random(seed)  # noqa: S311  # nothing secret is made of it
        holds(made(chance), [challenge(chance)] if seed % 2 else [])


def made(chance: Random) -> str:
    text = token(chance) if chance.random() < 0.6 else message(chance)
    if chance.random() < 0.4:
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(ODD) + text[at + chance.randrange(4) :]
    return text


def value(chance: Random, depth: int = 2) -> object:
    kind = chance.randrange(9)
    if kind < 2 and depth:
        return [value(chance, depth - 1) for _ in range(chance.randrange(4))]
    if kind == 2 and depth:
        return {chance.choice(CLAIM_NAMES): value(chance, depth - 1) for _ in range(chance.randrange(4))}
    return chance.choice(PLAIN_VALUES)


def token(chance: Random) -> str:
    header = {"alg": chance.choice(["RS256", "none", "dir", 7, None]), "typ": chance.choice(PLAIN_VALUES)}
    if chance.random() < 0.2:
        header["enc"] = "A256GCM"
    claims = {chance.choice(CLAIM_NAMES): value(chance) for _ in range(chance.randrange(8))}
    parts = [
        dumped(header),
        dumped(claims),
        *(chance.randbytes(8) for _ in range(chance.choice([1, 1, 1, 0, 3]))),
    ]
    return ".".join(map(coded, parts))


def message(chance: Random) -> str:
    def element(depth: int) -> str:
        name = chance.choice(ELEMENT_NAMES)
        inside = (
            "".join(element(depth - 1) for _ in range(chance.randrange(4)))
            if depth
            else chance.choice(ODD[:4])
        )
        return f'<{name} NotBefore="{chance.choice(TIMES)}" Name="{chance.choice(ELEMENT_NAMES)}">{inside}</{name}>'

    text = f'<Response xmlns="urn:oasis:names:tc:SAML:2.0:protocol">{element(2)}</Response>'
    data = text.encode()
    form = chance.randrange(3)
    if form == 0:
        return text
    return base64.b64encode(data if form == 1 else zlib.compress(data, 1)[2:-4]).decode()


def challenge(chance: Random) -> str:
    words = " ".join(chance.choice(WORDS) for _ in range(chance.randrange(9)))
    return f'{chance.choice(["Bearer", "DPoP", ""])} error="invalid_token", error_description="{words}'
