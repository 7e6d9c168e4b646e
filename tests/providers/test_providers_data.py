"""Identity providers as data: recognised, complete, and read strictly."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.examples import examples

from wizard import providers
from wizard.errors import CatalogueError
from wizard.paths import config_dir

TEXTS = {p.stem: p.read_text("utf-8") for p in Path(providers.__file__).parent.glob("*.toml")}
NAMED = [
    "atlassian",
    "auth0",
    "cognito",
    "entra",
    "fusionauth",
    "github",
    "google",
    "keycloak",
    "notion",
    "okta",
    "slack",
]


def test_those_that_the_issue_names_are_there() -> None:
    assert sorted(p.id for p in providers.load()) == NAMED
    assert sorted(providers.ids()) == NAMED


@pytest.mark.parametrize("provider", providers.load(), ids=lambda p: p.id)
def test_each_says_where_to_click_and_with_which_redirect_uri(provider: providers.Provider) -> None:
    told = " ".join(provider.guide())
    assert provider.redirect_uri() in told and "{" not in told
    assert provider.redirect.add or provider.redirect.port == providers.ANY
    assert provider.departures and all(d.sources for d in provider.departures)
    assert provider.redirect.sources
    assert provider.redirect.refusal


@pytest.mark.parametrize(
    ("issuer", "metadata", "id"),
    [
        ("https://sso.example.com/realms/mcp-gateway", None, "keycloak"),
        ("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abcdefghi", None, "cognito"),
        ("https://login.microsoftonline.com/8f0e-tenant/v2.0", None, "entra"),
        ("https://acme.okta.com/oauth2/default", None, "okta"),
        ("https://acme.eu.auth0.com/", None, "auth0"),
        ("https://accounts.google.com", None, "google"),
        ("https://github.com/login/oauth", None, "github"),
        ("https://mcp.slack.com", None, "slack"),
        ("https://api.notion.com", None, "notion"),
        ("https://auth.atlassian.com", None, "atlassian"),
        ("https://acme.fusionauth.io", None, "fusionauth"),
        (
            "http://localhost:9011",
            {
                "authorization_endpoint": "http://localhost:9011/oauth2/authorize",
                "device_authorization_endpoint": "http://localhost:9011/oauth2/device_authorize",
            },
            "fusionauth",
        ),
        (
            "https://sso.example.com",
            {"token_endpoint": "https://sso.example.com/auth/x/protocol/openid-connect/token"},
            "keycloak",
        ),
    ],
)
def test_a_provider_is_recognised(issuer: str, metadata: dict[str, object] | None, id: str) -> None:
    found = providers.of(issuer, metadata)
    assert found is not None and found.id == id


@pytest.mark.parametrize(
    "issuer",
    [
        "https://mcp.notion.com",
        "https://example.com",
        "https://okta.com.example.org",
        "https://evilgithub.com",
        "http://github.com",
        "not an address",
        "https://[",
    ],
)
def test_a_stranger_is_not_taken_for_one(issuer: str) -> None:
    assert providers.of(issuer) is None


def test_fixed_endpoints_are_never_those_of_one_recognised_by_its_looks() -> None:
    found = providers.of("https://sso.example.com/realms/x")
    assert found is not None and found.server_metadata() is None


def test_what_a_provider_publishes_counts_more_than_what_it_documents() -> None:
    fixed = providers.of("https://slack.com")
    published = providers.of(
        "https://slack.com", {"token_endpoint": "https://slack.com/api/oauth.v2.user.access"}
    )
    assert fixed is not None and published is not None
    assert (fixed.scope_parameter, fixed.token.at) == ("user_scope", "authed_user")
    assert (published.scope_parameter, published.token.at, published.server_metadata()) == ("scope", "", None)


def test_a_company_s_own_is_laid_out_as_the_public_one() -> None:
    github = providers.named("github")
    assert github is not None
    own = github.server_metadata("https://git.example.com/")
    assert own is not None
    assert own.issuer == "https://git.example.com/login/oauth"
    assert own.token_endpoint == "https://git.example.com/login/oauth/access_token"
    assert own.code_challenge_methods_supported == ("S256",)


def test_what_is_wanted_is_said_as_data() -> None:
    by_id = {p.id: p for p in providers.load()}
    assert {i for i, p in by_id.items() if "pkce-not-advertised" in p.needs} == {
        "cognito",
        "entra",
        "fusionauth",
        "notion",
        "atlassian",
    }
    assert by_id["auth0"].audience_of("https://mcp.example.com") == "https://mcp.example.com"
    assert by_id["atlassian"].audience_of("https://mcp.example.com") == "api.atlassian.com"
    assert by_id["google"].extra == {"access_type": "offline", "prompt": "consent"}
    assert (by_id["notion"].token.body, by_id["github"].token.accept) == ("json", "application/json")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('title = "Slack"', 'titel = "Slack"'), r"slack\.toml:1: `title` is missing"),
        (
            ('port = "exact"', 'port = "some"'),
            r"slack\.toml:\d+: `port` is `some`; expected one of any, exact",
        ),
        (('hosts = ["localhost"]', 'hosts = ["0.0.0.0"]'), r"`0\.0\.0\.0`; expected 127\.0\.0\.1, localhost"),
        (('"https://slack.com/api/oauth.v2.access"', '"http://slack.com/x"'), "expected an https address"),
        (('at = "authed_user"', 'att = "authed_user"'), "an unknown key `att`"),
        (('scopes = "comma"', 'scopes = "semicolon"'), "expected one of space, comma"),
        (('"client_secret_basic"', '"basic"'), "`basic`; expected one of client_secret_basic"),
        (('id = "slack"', 'id = "Slack"'), "slack.toml:1: `id` is `Slack`"),
        (("[redirect]", "[redirect"), "not TOML"),
    ],
)
def test_a_description_at_fault_is_refused_at_its_line(change: tuple[str, str], said: str) -> None:
    assert change[0] in TEXTS["slack"]
    with pytest.raises(CatalogueError) as raised:
        providers.parse(TEXTS["slack"].replace(*change), "slack.toml")
    assert re.search(said, raised.value.detail), raised.value.detail
    assert "provider description" in raised.value.title


@given(st.sampled_from(sorted(TEXTS)), st.data())
@settings(max_examples=examples(60))
def test_a_line_lost_or_doubled_never_breaks_the_reader(id: str, data: st.DataObject) -> None:
    lines = TEXTS[id].splitlines()
    number = data.draw(st.integers(0, len(lines) - 1))
    doubled = data.draw(st.booleans())
    changed = lines[:number] + ([lines[number]] * 2 if doubled else []) + lines[number + 1 :]
    try:
        providers.parse("\n".join(changed), f"{id}.toml")
    except CatalogueError as error:
        line = re.match(rf"{id}\.toml:(\d+): ", error.detail)
        assert line and 1 <= int(line[1]) <= len(changed) + 1


def test_a_person_adds_one_of_their_own() -> None:
    folder = config_dir() / "providers"
    folder.mkdir(parents=True)
    own = TEXTS["notion"].replace('id = "notion"', 'id = "acme"').replace("api.notion.com", "id.acme.example")
    (folder / "acme.toml").write_text(own, "utf-8")
    providers.load.cache_clear()
    try:
        found = providers.of("https://id.acme.example")
        assert found is not None and found.id == "acme" and "acme" in providers.ids()
        (folder / "acme.toml").write_text(own.replace('body = "json"', 'body = "xml"'), "utf-8")
        providers.load.cache_clear()
        with pytest.raises(CatalogueError, match="acme"):
            providers.load()
    finally:
        providers.load.cache_clear()


def test_an_answer_in_a_provider_s_own_way_is_read_as_the_standard_s() -> None:
    by_id = {p.id: p.token for p in providers.load()}
    token = "made-at-run-time"
    slack = by_id["slack"].plain(
        {
            "ok": True,
            "token_type": "bot",
            "authed_user": {"access_token": token, "scope": "chat:write,users:read", "token_type": "user"},
        }
    )
    assert (slack["access_token"], slack["scope"]) == (token, "chat:write users:read")
    assert slack["token_type"] == "Bearer"
    assert by_id["slack"].plain({"ok": False, "error": "invalid_code"})["error"] == "invalid_code"
    assert by_id["slack"].plain({"ok": False})["error"] == "refused"
    assert by_id["github"].plain({"access_token": token, "scope": "repo,gist"})["scope"] == "repo gist"
    assert by_id["keycloak"].plain({"scope": "a,b", "token_type": "bot"}) == {
        "scope": "a,b",
        "token_type": "bot",
    }
