"""A SAML response in a recording is looked into: its status, its times; its subject and attributes are not shown."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.hars import Har, query, value
from support.running import Run

APP = "https://app.acme.test"


def response(
    person: str, *, status: str = "Success", begins: float = -5.0, lasts: float = 300.0, at: float = 0.0
) -> str:
    """As an identity provider posts it."""

    def moment(seconds: float) -> str:
        return datetime.fromtimestamp(at + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    xml = f"""<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"
 xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Version="2.0" ID="_1" IssueInstant="{moment(0)}">
<saml:Issuer>https://idp.test/saml</saml:Issuer>
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:{status}"/></samlp:Status>
<saml:Assertion Version="2.0" ID="_2" IssueInstant="{moment(0)}"><saml:Issuer>https://idp.test/saml</saml:Issuer>
<saml:Subject><saml:NameID>{person}</saml:NameID></saml:Subject>
<saml:Conditions NotBefore="{moment(begins)}" NotOnOrAfter="{moment(begins + lasts)}">
<saml:AudienceRestriction><saml:Audience>{APP}/saml</saml:Audience></saml:AudienceRestriction></saml:Conditions>
</saml:Assertion></samlp:Response>"""
    return base64.b64encode(xml.encode()).decode()


@pytest.mark.row("F9")
@pytest.mark.parametrize(
    ("words", "cause", "says"),
    [
        ({"status": "AuthnFailed"}, "authorization-refused", "AuthnFailed"),
        ({"begins": 900.0}, "local-clock-skew", "is not valid yet"),
        ({"begins": -900.0}, "local-clock-skew", "had ended"),
    ],
)
def test_what_it_says_is_told(
    words: dict[str, object], cause: str, says: str, run: Run, tmp_path: Path
) -> None:
    har, relay, person = Har(), value(), value(9)
    har.now = time.time()
    asked = query("https://idp.test/sso", SAMLRequest=value(40), RelayState=relay)
    har.ask(f"{APP}/login", 302, to=asked, sets=(f"relay={relay}; Path=/; Secure; SameSite=None",))
    har.ask(asked, page="<form>")
    made = response(person, at=har.now, **words)  # type: ignore[arg-type]  # each is one of its words
    form = {"SAMLResponse": made, "RelayState": relay}
    har.ask(
        f"{APP}/saml/acs", 403, method="POST", form=form, cookie=f"relay={relay}", page="SAML login failed"
    )
    place = tmp_path / "saml.har"
    place.write_text(har.text())
    found = run("doctor", "--har", str(place), "--json")
    assert found.causes[:1] == [cause], found.out
    assert says in found.json["findings"][0]["title"]
    assert "a SAML response of https://idp.test/saml for https://app.acme.test/saml" in found.out
    assert not [s for s in (person, relay, made[:40]) if s in found.out]
