"""FusionAuth as an issuer: introspection that wants the token's own client, and the validate endpoint that does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.running import Put, Ran, Run

from diagnostics.causes.book import REGISTRY
from sandbox import practice
from sandbox.practice import Practice
from sandbox.vendors import VendorSite
from sandbox.vendors_fusionauth_issuer import Issuer

Ask = Callable[..., Ran]
MISMATCH = "introspection-client-mismatch"


@pytest.fixture
def ask(run: Run, put: Put) -> Ask:
    """Asks the practice FusionAuth about its access token, as one of its two applications."""

    def go(running: Practice, *words: str, who: str = "", secret: str = "", token: str = "") -> Ran:
        known = running.services["fusionauth"].credentials
        held = token or known["access_token"].reveal()
        made = put(secret or known[f"{who}client_secret"])
        client = (
            "--set",
            f"client_id={known[f'{who}client_id'].reveal()}",
            "--secret",
            f"client_secret={made}",
        )
        more = client if "--introspect" in words else ()
        return run("token", put(held), *words, *more, "--json")

    return go


def issuer_of(running: Practice) -> Issuer:
    site = running._sites["fusionauth"]
    assert isinstance(site, VendorSite)
    assert isinstance(site.issuer, Issuer)
    return site.issuer


@pytest.mark.row("U3", "U7", "U1")
def test_by_the_applications_own_client_all_is_well(vendors: Practice, ask: Ask) -> None:
    done = ask(vendors, "--verify", "--userinfo", "--introspect")
    told = done.json
    assert (done.code, told["signature"], told["findings"]) == (0, "valid", []), done.out
    assert told["introspection"]["active"] is True
    assert told["user_info"]["claims"]["email"] == "practice@example.com"
    assert told["scopes"] == ["openid", "profile", "email", "get_name"]
    assert told["validation"] is None


@pytest.mark.row("U3")
@pytest.mark.parametrize("answered", ["401, as its page says", "active false, as was reported"])
def test_another_application_is_told_apart_from_a_bad_token(
    answered: str, vendors: Practice, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer_of(vendors).site.demands = "inactive" if answered.startswith("active") else ""
    done = ask(vendors, "--introspect", who="server_")
    found, told = done.json["findings"], done.json
    assert (done.code, done.causes, found[0]["certainty"]) == (1, [MISMATCH], "proven"), done.out
    assert told["introspection"]["status"] == (200 if answered.startswith("active") else 401)
    assert (told["signature"], told["validation"]["status"], told["user_info"]["status"]) == (
        "valid",
        200,
        200,
    )
    assert any("/api/jwt/validate" in step for step in found[0]["fix"])
    monkeypatch.delitem(REGISTRY, MISMATCH)
    assert MISMATCH not in ask(vendors, "--introspect", who="server_").causes


@pytest.mark.row("U3")
def test_a_wrong_secret_and_a_bad_token(vendors: Practice, ask: Ask) -> None:
    assert ask(vendors, "--introspect", secret="not-the-one-it-has").causes == [
        "introspection-client-refused"
    ]
    held = vendors.services["fusionauth"].credentials["access_token"].reveal()
    cut = f"{held[:-8]}{'A' * 8 if held[-8:] != 'A' * 8 else 'B' * 8}"
    assert ask(vendors, "--introspect", token=cut).causes == ["signature-invalid"]


def test_user_info_wants_openid(vendors: Practice, ask: Ask) -> None:
    token = issuer_of(vendors).token(scope="profile").reveal()
    assert ask(vendors, "--userinfo", token=token).causes == ["userinfo-needs-openid"]


def test_validate_is_for_fusionauth_alone(
    run: Run, put: Put, home: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where one path of the metadata is another issuer's, the token does not go to a guessed address."""
    monkeypatch.setattr("sandbox.vendors_fusionauth_issuer.JWKS", "/keys")
    with practice.start() as running:
        known = running.services["fusionauth"].credentials
        done = run("token", put(known["access_token"]), "--introspect", "--json")
        assert {n["what"] for n in done.json["not_examined"]} == {"introspection"}
        paths = [s.path for s in running.seen if s.service == "fusionauth"]
        assert not {"/oauth2/introspect", "/api/jwt/validate"} & set(paths)
