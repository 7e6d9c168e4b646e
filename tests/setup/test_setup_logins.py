"""What is known before a login, what a draft keeps of one, and the scopes beside those asked for."""

from __future__ import annotations

import pytest

from wizard import catalogue, setup
from wizard.names import LOGIN
from wizard.oauth.granted import GRANTED, MISSING, MORE, beside_asked
from wizard.oauth.model import Login
from wizard.secret import Secret
from wizard.setup import Draft

URL = "https://mcp.example.com/mcp"
ENTRA = "https://login.microsoftonline.com/contoso/v2.0"


def draft(method: str = "authorization_code", **settings: str) -> Draft:
    service = catalogue.load().get("mcp")
    made = setup.with_service(setup.new(), service, service.environments[0], URL)
    made = setup.with_method(made, next(m for m in service.methods if m.id == method))
    for name, text in settings.items():
        made = setup.with_setting(made, name, text)
    return made


def login(**more: object) -> Login:
    return Login("https://i.example", "c", Secret("t"), **more)  # type: ignore[arg-type]  # Login's own fields


@pytest.mark.parametrize("method", ["bearer", "none", "basic"])
def test_a_method_without_a_login_needs_no_preparation(method: str) -> None:
    assert setup.preparation(draft(method)) is None


def test_nobody_known_is_asked_for_nothing() -> None:
    found = setup.preparation(draft())
    assert found is not None
    assert found.redirect_uri == "http://127.0.0.1:3334/callback"
    assert (found.provider, found.closed, found.clicks, found.leniencies, found.warnings) == (
        "",
        False,
        (),
        (),
        (),
    )
    assert {"client_id", "client_secret", "issuer"} <= {f.id for f in found.optional}


def test_a_code_on_another_device_has_no_redirect_uri() -> None:
    found = setup.preparation(draft("device_code"))
    assert found is not None
    assert found.redirect_uri == ""


@pytest.mark.parametrize("issuer", [ENTRA, "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc"])
def test_a_known_providers_leniency_is_named_and_off(issuer: str) -> None:
    found = setup.preparation(draft(issuer=issuer))
    assert found is not None
    assert [(x.name, x.on, x.fixed) for x in found.leniencies] == [("pkce-not-advertised", False, False)]
    assert found.provider in found.leniencies[0].says
    assert found.closed
    assert any(found.redirect_uri in click for click in found.clicks)
    allowed = setup.preparation(setup.with_allow(draft(issuer=issuer), ["pkce-not-advertised"]))
    assert allowed is not None
    assert allowed.leniencies[0].on


def test_a_star_in_a_redirect_uri_is_warned_about_and_not_registered() -> None:
    found = setup.preparation(draft(issuer=ENTRA, redirect_uri="http://localhost:*/callback"))
    assert found is not None
    assert "holds a *" in found.warnings[0]
    assert "*" not in found.redirect_uri
    assert not any("*" in click for click in found.clicks)
    plain = setup.preparation(draft(redirect_uri="http://localhost:9999/callback"))
    assert plain is not None
    assert (plain.redirect_uri, plain.warnings) == ("http://localhost:9999/callback", ())


def _other_url(d: Draft) -> Draft:
    assert d.service is not None
    return setup.with_service(d, d.service, d.environment, "https://elsewhere.example/mcp")


@pytest.mark.parametrize(
    "change",
    [
        _other_url,
        lambda d: setup.with_setting(d, "client_id", "another"),
        lambda d: setup.with_setting(d, "scope", "more"),
        lambda d: setup.with_setting(d, "issuer", ENTRA),
        lambda d: setup.with_scopes(d, ["more"]),
        lambda d: setup.with_allow(d, ["issuer-slash"]),
        lambda d: setup.with_method(d, draft("device_code").method),
        setup.without_login,
    ],
    ids=["url", "client", "scope", "issuer", "scopes", "allow", "method", "logged-out"],
)
def test_a_login_goes_with_what_it_was_made_for(change: object) -> None:
    held = setup.with_login(draft(), login())
    assert LOGIN in held.secrets
    assert callable(change)
    assert LOGIN not in change(held).secrets


@pytest.mark.parametrize("method", ["client_credentials", "token_exchange", "jwt_bearer"])
def test_a_token_that_needs_nobody_is_not_kept(method: str) -> None:
    assert LOGIN not in setup.with_login(draft(method), login()).secrets


def test_a_login_stays_where_nothing_of_it_changes() -> None:
    held = setup.with_login(draft(), login())
    assert LOGIN in setup.with_name(held, "mine").secrets
    assert LOGIN in setup.with_setting(held, "client_id", "").secrets
    assert LOGIN in setup.with_secret(held, "client_secret", Secret("s")).secrets


def test_scopes_beside_those_asked_for() -> None:
    told = beside_asked(login(asked=("read", "write", "offline_access"), scopes=("email", "read")))
    assert [(s.name, s.state) for s in told] == [
        ("read", GRANTED),
        ("write", MISSING),
        ("offline_access", MISSING),
        ("email", MORE),
    ]
    assert "insufficient_scope" in told[1].means
    assert "you log in again" in told[2].means
    renewable = beside_asked(login(asked=("offline_access",), refresh_token=Secret("r")))
    assert [(s.state, s.means) for s in renewable] == [(GRANTED, "")]
