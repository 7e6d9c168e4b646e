"""What a token says of itself, whatever it is: encrypted, SAML, an ID token, one that names very many groups."""

from __future__ import annotations

import base64
import json
import secrets
import time
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from support.running import Put, Run

from diagnostics import token_text
from diagnostics.token import TokenReport, explain
from wizard import saml
from wizard.secret import Secret

NOW = 1_790_000_000.0
P, A = "urn:oasis:names:tc:SAML:2.0:protocol", "urn:oasis:names:tc:SAML:2.0:assertion"


def made(header: dict[str, object], *parts: bytes) -> str:
    whole = (json.dumps(header).encode(), *parts)
    return ".".join(base64.urlsafe_b64encode(p).rstrip(b"=").decode() for p in whole)


def jwt(**claims: object) -> str:
    return made({"alg": "RS256"}, json.dumps(claims).encode(), secrets.token_bytes(256))


def told(text: str, now: float = NOW) -> TokenReport:
    return explain(Secret(text), now=now)


def message(
    valid: float = 300.0, *, inside: str = "", subject: str = "ada@acme.test", status: str = "Success"
) -> str:
    def at(seconds: float) -> str:
        return (datetime.fromtimestamp(NOW, UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")

    named = f"<s:Subject><s:NameID>{subject}</s:NameID></s:Subject>" if subject else ""
    return (
        f'<p:Response xmlns:p="{P}" xmlns:s="{A}" Destination="https://sp.test/acs">'
        f'<s:Issuer>https://idp.test</s:Issuer><p:Status><p:StatusCode Value="urn:x:{status}"/></p:Status>'
        f'<s:Assertion IssueInstant="{at(-5)}"><s:Issuer>https://idp.test</s:Issuer>{named}'
        f'<s:Conditions NotBefore="{at(-60)}" NotOnOrAfter="{at(valid)}"><s:AudienceRestriction>'
        "<s:Audience>https://sp.test</s:Audience></s:AudienceRestriction></s:Conditions><s:AttributeStatement>"
        '<s:Attribute Name="http://schemas.xmlsoap.org/claims/Group"><s:AttributeValue>eng</s:AttributeValue>'
        "<s:AttributeValue>ops</s:AttributeValue></s:Attribute></s:AttributeStatement></s:Assertion>"
        f"{inside}</p:Response>"
    )


def test_of_an_encrypted_token_the_header_is_read_and_its_reader_named() -> None:
    header: dict[str, object] = {"alg": "dir", "enc": "A256GCM", "iss": "https://acme.eu.auth0.com/"}
    report = told(made(header, b"", b"1" * 12, b"2" * 99, b"3" * 16))
    assert (report.kind, report.header, report.findings) == ("jwe", header, ())
    shown = token_text.text(report)
    assert "only its recipient" in shown and "A256GCM" in shown


@pytest.mark.parametrize("form", ["xml", "base64", "deflate", "parameter"])
def test_a_saml_response_is_read_in_each_form(form: str) -> None:
    text = message()
    data = text.encode()
    written = {
        "xml": text,
        "base64": base64.b64encode(data).decode(),
        "deflate": base64.b64encode(zlib.compress(data)[2:-4]).decode(),
        "parameter": f"SAMLResponse={base64.b64encode(data).decode().replace('+', '%2B')}&RelayState=a",
    }[form]
    report = told(written)
    assert (report.kind, report.issuer, report.audience) == ("saml", "https://idp.test", ("https://sp.test",))
    assert report.groups == ("eng", "ops") and report.findings == ()
    assert report.times.left == 300
    assert report.claims["subject"] == {"present": True, "format": None}
    # who it is stands in it, and is not shown
    assert "ada@" not in token_text.text(report) + json.dumps(report.as_json())


def test_a_saml_assertion_that_has_ended_is_told_like_a_token() -> None:
    assert [f.cause for f in told(message(-30)).findings] == ["access-token-expired"]


def test_encrypted_assertions_and_failures_are_told() -> None:
    notes = " ".join(told(message(inside="<s:EncryptedAssertion/>", status="Requester", subject="")).notes)
    assert "encrypted" in notes and "Requester" in notes


def test_a_document_type_is_refused() -> None:
    bomb = "".join(f'<!ENTITY e{n} "&e{n - 1};&e{n - 1};">' for n in range(1, 40))
    for declared in (f'<!DOCTYPE r [<!ENTITY e0 "x">{bomb}]>', '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x">'):
        text = declared + message()
        assert saml.read(text) is None
        assert [f.cause for f in told(text).findings] == ["token-truncated-or-placeholder"]


def test_an_id_token_is_not_to_be_copied_again() -> None:
    report = told(jwt(iss="https://kc.test/realms/a", aud="app", azp="app", typ="ID", exp=NOW + 300))
    finding = report.findings[0]
    assert (finding.cause, report.use.kind) == ("id-token-used-as-access-token", "id")
    assert "access_token" in finding.fix[0] and "Copy" not in finding.fix[0]


@pytest.mark.parametrize(
    ("claims", "kind"),
    [
        ({"token_use": "access"}, "access"),
        ({"typ": "Refresh"}, "refresh"),
        ({"typ": "Bearer"}, "access"),
        ({"nonce": "n"}, "id"),
        ({"scp": "a"}, "access"),
        ({"events": {}}, "logout"),
        ({}, "unknown"),
    ],
)
def test_the_kind_is_told_by_claims(claims: dict[str, object], kind: str) -> None:
    assert told(jwt(iss="x", exp=NOW + 9, **claims)).use.kind == kind


def test_the_kind_is_told_by_the_beginning() -> None:
    assert "classic personal access token" in told(f"ghp_{secrets.token_hex(18)}").use.kind
    assert "refresh token" in told(f"ghr_{secrets.token_hex(38)}").use.kind


@pytest.mark.parametrize(
    ("claims", "scopes", "groups"),
    [
        ({"scope": "a b"}, ("a", "b"), ()),
        ({"scp": ["a", "b"]}, ("a", "b"), ()),
        ({"permissions": ["read:x"]}, ("read:x",), ()),
        ({"iss": "https://sts.windows.net/t/", "roles": ["Files.Read"]}, ("Files.Read",), ("Files.Read",)),
        ({"cognito:groups": ["g"]}, (), ("g",)),
        ({"realm_access": {"roles": ["r"]}, "resource_access": {"c": {"roles": ["s"]}}}, (), ("r", "c:s")),
        ({"wids": ["w"], "https://acme.test/groups": ["h"]}, (), ("w", "h")),
    ],
)
def test_scopes_and_groups_are_found_wherever_they_stand(
    claims: dict[str, object], scopes: tuple[str, ...], groups: tuple[str, ...]
) -> None:
    report = told(jwt(**{"iss": "x", "exp": NOW + 900, **claims}))
    assert (report.scopes, report.groups) == (scopes, groups)


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({"hasgroups": True}, "left out"),
        ({"_claim_names": {"groups": "src1"}}, "left out"),
        ({"groups": ["/eng/core"]}, "paths"),
        ({"groups": ["2f9a4c1e-7b30-4d55-9c1a-0e6d7a8b9c10"]}, "ids, not names"),
    ],
)
def test_what_is_odd_about_groups_is_noted(claims: dict[str, object], says: str) -> None:
    assert says in " ".join(told(jwt(iss="x", exp=NOW + 900, **claims)).notes)


def test_a_token_with_very_many_groups_is_explained() -> None:
    report = told(jwt(iss="x", exp=NOW + 900, groups=[secrets.token_hex(16) for _ in range(10_000)]))
    assert (report.kind, len(report.groups), report.findings) == ("jwt", 10_000, ())
    assert len(token_text.text(report)) < 20_000


@pytest.mark.row("U3")
def test_every_claim_is_told_with_its_meaning(run: Run, put: Put) -> None:
    ends = int(time.time()) + 252
    done = run("token", put(Secret(jwt(iss="https://kc.test/realms/a", azp="app", exp=ends, sid="s"))))
    assert "the client that it was made for" in done.out and "in 4 min 1" in done.out
    document = run("token", put(Secret(jwt(iss="x", exp=ends))), "--json").json
    assert [e["claim"] for e in document["explained"]] == ["iss", "exp"]
