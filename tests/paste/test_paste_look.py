"""What is said about a pasted value, and what is mended."""

from __future__ import annotations

import base64
import json
import secrets

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from support.examples import examples

from wizard.jwt import peek
from wizard.paste import PasteIssue, look
from wizard.services import Field

NOW = 1_800_000_000.0
TOKEN = "faosx_" + secrets.token_urlsafe(24).replace("-", "a").replace("_", "b")
FIELD = Field(
    "token",
    "API token",
    secret=True,
    prefix="faosx_",
    variable="FAOS_API_TOKEN",
    examples=("faosx_abc123...",),
)
PLAIN = Field("token", "Token", secret=True)
HEADER = Field("header.X-API-Key", "API key", secret=True)
AUTH = Field("header.Authorization", "Authorization", secret=True)
PASSWORD = Field("password", "Password", secret=True)
KEY = Field("private_key", "Private key", secret=True)
TENANT = Field("tenant_id", "Tenant", required=False)
ACCOUNT = Field("service_account_id", "Id", prefix="sa_", examples=("sa_abc123",))
FIELDS = (None, FIELD, PLAIN, HEADER, AUTH, PASSWORD, KEY, TENANT, ACCOUNT)


def part(data: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()


def jwt(header: dict[str, object] | None = None, **claims: object) -> str:
    return f"{part({'alg': 'RS256', **(header or {})})}.{part(claims)}.{secrets.token_urlsafe(32)}"


def ids(issues: tuple[PasteIssue, ...]) -> list[str]:
    return [issue.id for issue in issues]


def mended(issues: tuple[PasteIssue, ...]) -> str | None:
    found = {issue.mended.reveal() for issue in issues if issue.mended is not None}
    assert len(found) <= 1
    return next(iter(found), None)


def test_a_right_value_is_passed_over() -> None:
    assert look(TOKEN, FIELD, now=NOW) == ()
    assert look(jwt(exp=NOW + 60, iat=NOW - 5), PLAIN, now=NOW) == ()
    assert look(secrets.token_urlsafe(32), PLAIN) == ()
    assert look("tenant-prod", TENANT) == ()
    assert look("", TENANT) == ()


NEWLINE = "token-trailing-newline-or-crlf"
ODD = "token-quotes-or-invisible-characters"
BEARER = "double-bearer-prefix"


@pytest.mark.parametrize(
    ("before", "after", "id"),
    [
        ("", "\n", NEWLINE),
        ("", "\r\n", NEWLINE),
        ("", "\r", NEWLINE),
        ("", " \t", NEWLINE),
        ("  ", "", ODD),
        ("\n", "", ODD),
        ('"', '"', ODD),
        ("'", "'", ODD),
        ("`", "`", ODD),
        ("```\n", "\n```", ODD),
        ("“", "”", ODD),
        ('"', '",', ODD),
        ('"', "", ODD),
        ("<", ">", ODD),
        ("\ufeff", "", ODD),
        ("", "\u200b", ODD),
        ("\u202a", "\u202c", ODD),
        ("\x1b[200~", "\x1b[201~", ODD),
        ("\x1b[1;32m", "\x1b[0m", ODD),
        ("Bearer ", "", BEARER),
        ("bearer  ", "", BEARER),
        ("Bearer%20", "", BEARER),
        ("Bearer Bearer ", "", BEARER),
        ("Authorization: Bearer ", "", BEARER),
        ("authorization:bearer ", "", BEARER),
        ('-H "Authorization: Bearer ', '"', BEARER),
        ("export FAOS_API_TOKEN=", "", "assignment-pasted"),
        ('FAOS_API_TOKEN="', '"', "assignment-pasted"),
        ("$env:FAOS_API_TOKEN = '", "'", "assignment-pasted"),
        ('{"access_token": "', '", "expires_in": 3600}', "json-object-pasted"),
        ('{"value": "', '", "created_at": "2025-11-11T10:30:00Z"}\n', "json-object-pasted"),
        (' "Bearer \u200b', '"\r\n', BEARER),
    ],
)
def test_what_came_along_is_named_and_taken_off(before: str, after: str, id: str) -> None:
    token = "faosx_1" + secrets.token_hex(16)
    seen = look(before + token + after, FIELD, now=NOW)
    assert id in ids(seen)
    assert mended(seen) == token
    assert all(issue.severity == "wrong" for issue in seen)


def test_an_invisible_character_in_the_middle_is_taken_out() -> None:
    assert mended(look(TOKEN[:9] + "\u200d" + TOKEN[9:], FIELD)) == TOKEN


def test_a_wrapped_jwt_is_joined_and_two_values_are_not() -> None:
    whole = jwt(sub="x" * 80)
    wrapped = "\n".join(whole[n : n + 60] for n in range(0, len(whole), 60))
    assert mended(look(wrapped, PLAIN, now=NOW)) == whole
    two = look(f"{whole}\nsecond-value-of-some-length", PLAIN, now=NOW)
    assert ids(two) == ["several-lines"]
    assert mended(two) is None


@pytest.mark.parametrize(
    "value",
    [
        "${FAOS_API_TOKEN}",
        "$FAOS_API_TOKEN",
        "{env:TOKEN}",
        "%TOKEN%",
        "{{ token }}",
        "${{ secrets.X }}",
        "${env:T}",
        "${input:token}",
        "$env:TOKEN",
        "env:TOKEN",
        "$(cat token)",
        "x-${TOKEN}-y",
    ],
)
@pytest.mark.parametrize("field", [None, FIELD, HEADER, ACCOUNT])
def test_a_variable_that_nobody_expanded(value: str, field: Field | None) -> None:
    assert ids(look(value, field)) == ["unexpanded-variable-literal"]
    assert "unexpanded-variable-literal" in ids(look(f'"Bearer {value}"', PLAIN))


@pytest.mark.parametrize(
    "value",
    [
        "<your token>",
        "<TOKEN>",
        "<43-character-token>",
        "xxx",
        "faosx_xxxxxxxxxxxx",
        "REPLACE_ME",
        "changeme",
        "...",
        "YOUR_TOKEN_HERE",
        "your-api-key",
        "[your token]",
        "faosx_abc123...",
        "faosx_abc123",
        "prod_token_here",
        "…",
        "****************",
        "••••••••",
        "secret_xyz789",
        "sk-abc…xyz",
        "paste token here",
        "faosx_k3…",
    ],
)
def test_a_placeholder_or_a_shortened_value(value: str) -> None:
    seen = look(value, FIELD)
    assert ids(seen) == ["token-truncated-or-placeholder"]
    assert seen[0].severity == "wrong"


def test_the_documents_own_example() -> None:
    field = Field("token", "Token", secret=True, examples=("INVALID_TOKEN", "rQ3vK9pL2mN4oP6qR8sT0uV1wX3y"))
    assert ids(look("Bearer rQ3vK9pL2mN4oP6qR8sT0uV1wX3y", field)) == [
        BEARER,
        "token-truncated-or-placeholder",
    ]
    assert ids(look("sa_abc123", ACCOUNT)) == ["token-truncated-or-placeholder"]
    assert ids(look("sa_abc124", ACCOUNT)) == []


@pytest.mark.parametrize("name", ["test-token", "dev-token", "letmein", "tenant-prod", "my-server"])
def test_a_short_value_of_a_test_server_is_not_refused(name: str) -> None:
    assert all(issue.severity == "doubtful" for issue in look(name, PLAIN))


@pytest.mark.parametrize(
    ("value", "id", "says"),
    [
        (jwt(exp=NOW - 7200), "access-token-expired", "2 h ago"),
        (jwt(nbf=NOW + 3600), "token-not-yet-valid-iat-nbf-future", "in 1 h"),
        (jwt(iat=NOW + 3600), "token-not-yet-valid-iat-nbf-future", "clock"),
        (jwt(nonce="n"), "id-token-used-as-access-token", "ID token"),
        (jwt(at_hash="n"), "id-token-used-as-access-token", "ID token"),
        (jwt(token_use="id"), "id-token-used-as-access-token", "ID token"),
        (jwt(typ="ID"), "id-token-used-as-access-token", "ID token"),
        (jwt(typ="Refresh"), "credential-of-wrong-kind", "refresh"),
        (jwt(sub="a").rpartition(".")[0], "token-truncated-or-placeholder", "parts"),
        (jwt(sub="a").rpartition(".")[0] + ".", "token-truncated-or-placeholder", "cut off"),
        (jwt(sub="a").partition(".")[0], "token-truncated-or-placeholder", "first"),
        ("eyJhb." + "x" * 9 + ".abc", "token-truncated-or-placeholder", "decoded"),
    ],
    # a random token in a test's name would be printed, and differ between workers
    ids=lambda value: "token" if value.startswith("eyJ") else value,
)
def test_a_jwt_is_looked_into(value: str, id: str, says: str) -> None:
    seen = look(value, PLAIN, now=NOW)
    assert ids(seen) == [id]
    assert says in seen[0].says


def test_an_opaque_token_that_is_base64_of_json_is_no_broken_jwt() -> None:
    assert look(part({"k": secrets.token_hex(8), "n": "x"}), PLAIN) == ()


def test_a_clock_that_is_a_little_slow_is_no_issue() -> None:
    assert look(jwt(iat=NOW + 30, exp=NOW + 600), PLAIN, now=NOW) == ()


@pytest.mark.parametrize(
    ("value", "severity"),
    [
        ("https://api.faosx.ai", "wrong"),
        ("~/.fleet-mcp/auth_token", "wrong"),
        ("file:/etc/token", "wrong"),
        (r"C:\Users\me\token", "wrong"),
        ("/home/me/.fleet-mcp/auth_token", "doubtful"),
        ("me@example.com", "doubtful"),
        ("Basic dXNlcjpwYXNz", "wrong"),
        ('{"error": "x"}', "wrong"),
        ("-----BEGIN PRIVATE KEY-----", "wrong"),
    ],
)
def test_something_else_than_a_credential(value: str, severity: str) -> None:
    seen = look(value, PLAIN)
    assert ids(seen) == ["credential-of-wrong-kind"]
    assert seen[0].severity == severity


@pytest.mark.parametrize(
    ("value", "id"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("Bearer ", "empty"),
        ('""', "empty"),
        ("abc def-ghi-1234", ODD),
        ("abc\x00def-1234", ODD),
        ("tökén-12345678", ODD),
        ("a" * 17_000, "too-long"),
        ("a" * 70_000, "too-long"),
        ("one-1234\ntwo-5678", "several-lines"),
    ],
)
def test_what_no_token_can_be(value: str, id: str) -> None:
    seen = look(value, PLAIN)
    assert id in ids(seen)
    assert mended(seen) is None


def test_another_beginning_is_a_doubt_and_only_the_beginning_is_wrong() -> None:
    (seen,) = look(secrets.token_hex(20), FIELD)
    assert (seen.id, seen.severity, seen.mended) == ("wrong-prefix", "doubtful", None)
    assert ids(look("faosx_", FIELD)) == ["token-truncated-or-placeholder"]


def test_a_header_is_the_whole_value() -> None:
    key = secrets.token_hex(16)
    assert look(f"Bearer {key}", AUTH) == ()
    assert mended(look(f"Authorization: Bearer Bearer {key}", AUTH)) == f"Bearer {key}"
    assert mended(look(f"x-api-key: {key}", HEADER)) == key
    (seen,) = look(f"Bearer {key}", HEADER)
    assert (seen.severity, seen.mended) == ("doubtful", None)


def test_a_password_and_a_private_key_are_left_alone() -> None:
    assert look(" 'pä ss\" ", PASSWORD) == ()
    assert mended(look("hunter-2\r\n", PASSWORD)) == "hunter-2"
    assert look("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", KEY) == ()


def test_nothing_of_it_shows() -> None:
    seen = look(f'"{TOKEN}"', FIELD)
    assert TOKEN not in repr(seen)


AROUND = st.lists(
    st.sampled_from(
        [
            "Bearer ",
            "Authorization: ",
            "\n",
            "\r\n",
            " ",
            '"',
            "'",
            "`",
            "<",
            ">",
            "\u200b",
            "\ufeff",
            "\xa0",
            "…",
            ",",
            "export T=",
            '{"token": "',
            '"}',
            "\x1b[0m",
            "${",
            "}",
            "{{",
            "-H ",
            "FAOS_API_TOKEN=",
            "X-API-Key:",
            "eyJ",
            "\ud800",
            "%",
            "$",
            "...",
            "https://",
            "/",
            "x" * 5,
        ]
    ),
    max_size=8,
).map("".join)


@settings(max_examples=examples(400), deadline=None)
@given(AROUND, st.text(max_size=60), AROUND, st.sampled_from(FIELDS))
@example("Authorization: Bearer ", "Bearer\u200b", " ", FIELD)
def test_mending_comes_to_an_end_and_nothing_is_repeated(
    before: str, inner: str, after: str, field: Field | None
) -> None:
    value = before + inner + after
    seen = look(value, field, now=NOW)
    final = mended(seen)
    if final is not None:
        assert final
        again = look(final, field, now=NOW)
        assert all(issue.mended is None for issue in again)
    assume(len(value) >= 8)
    for issue in seen:
        assert value not in issue.says
        if final is not None and len(final) >= 8:
            assert final not in issue.says


@settings(max_examples=examples(200), deadline=None)
@given(st.binary(max_size=80), st.binary(max_size=80))
def test_peek_never_raises(header: bytes, claims: bytes) -> None:
    text = ".".join(base64.urlsafe_b64encode(b).rstrip(b"=").decode() for b in (header, claims, b"x"))
    assert peek(text) is None or isinstance(peek(text).claims.get("exp"), object)


@pytest.mark.parametrize(
    "claims",
    [
        '{"exp": 1e999}',
        '{"exp": NaN}',
        '{"exp": ' + "9" * 5000 + "}",
        "[" * 20_000,
        '{"exp": "soon"}',
        '{"exp": true}',
    ],
)
def test_a_time_that_is_none(claims: str) -> None:
    body = base64.urlsafe_b64encode(claims.encode()).rstrip(b"=").decode()
    found = peek(f"{part({'alg': 'none'})}.{body}.x")
    assert found is None or found.time("exp") is None
    assert isinstance(look(f"{part({'alg': 'none'})}.{body}.x", PLAIN), tuple)


def test_hostile_text_is_judged_quickly() -> None:
    for piece in ("{{", "${", '" ', "Bearer ", "a@a.", "/a", "<", "x-", '\u200b"', "export A=", "%20"):
        look(piece * 16_000, PLAIN)
        look(piece * 7_000, FIELD)
