"""A gateway's `.env` files: what they say, what is wrong in which line, and that they go back unchanged."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.examples import examples

from wizard import dotenv
from wizard.dotenv import Dotenv
from wizard.errors import FileProblem
from wizard.gateway import env
from wizard.gateway.env import Cognito, Egress, GatewayEnv, Keycloak
from wizard.gateway.template import template
from wizard.secret import Secret

SECRET = secrets.token_urlsafe()
GOOD = f"""\
AUTH_PROVIDER=keycloak
KEYCLOAK_URL=https://kc.test
KEYCLOAK_REALM=mcp-gateway
KEYCLOAK_M2M_CLIENT_ID=agent-x-m2m
KEYCLOAK_M2M_CLIENT_SECRET={SECRET}
"""
SET = f"""\
EGRESS_OAUTH_CLIENT_ID_1=app
EGRESS_OAUTH_CLIENT_SECRET_1={SECRET}
EGRESS_OAUTH_REDIRECT_URI_1=http://localhost:9999/callback
EGRESS_PROVIDER_NAME_1=atlassian
EGRESS_MCP_SERVER_NAME_1=atlassian
"""


def _read(text: str) -> GatewayEnv:
    return env.read(Dotenv(text))


def _seen(text: str) -> list[tuple[str, int, str]]:
    return [(p.id, p.line, p.severity) for p in _read(text).problems]


def test_keycloak_and_its_egress_sets() -> None:
    found = _read(GOOD + SET + SET.replace("_1=", "_2=").replace("atlassian", "google"))
    assert found.problems == ()
    assert found.keycloak == Keycloak("https://kc.test", "mcp-gateway", "agent-x-m2m", Secret(SECRET))
    assert [(e.number, e.provider, e.server, e.client_id) for e in found.egress] == [
        (1, "atlassian", "atlassian", "app"),
        (2, "google", "google", "app"),
    ]
    assert found.egress[0].client_secret == Secret(SECRET)
    assert SECRET not in repr(found)


@pytest.mark.parametrize("prefix", ["INGRESS_OAUTH", "COGNITO"])
def test_cognito_is_read_under_either_of_its_names(prefix: str) -> None:
    text = (
        f"export AUTH_PROVIDER='Cognito'\n{prefix}_USER_POOL_ID=eu-west-1_AbCdEfGhI\n{prefix}_CLIENT_ID=c\n"
    )
    found = _read(f'{text}{prefix}_CLIENT_SECRET="{SECRET}" # why\nAWS_REGION=eu-west-1\n')
    assert found.problems == ()
    assert found.provider == "cognito"
    assert found.cognito == Cognito("eu-west-1", "eu-west-1_AbCdEfGhI", "c", Secret(SECRET))
    assert found.cognito.address == "https://eu-west-1AbCdEfGhI.auth.eu-west-1.amazoncognito.com"


def test_what_an_agent_script_writes_is_read() -> None:
    text = f'export CLIENT_ID="agent-x-m2m"\nexport CLIENT_SECRET="{SECRET}"\nexport KEYCLOAK_URL="https://kc.test"\n'
    found = _read(text + 'export KEYCLOAK_REALM="mcp-gateway"\nexport AUTH_PROVIDER="keycloak"\n')
    assert found.problems == ()
    assert (found.keycloak.client_id, found.keycloak.client_secret) == ("agent-x-m2m", Secret(SECRET))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (GOOD.replace("=keycloak", "=okta"), ("unknown-provider", 1, "error")),
        (GOOD.replace("AUTH_PROVIDER=keycloak\n", ""), ("provider-not-set", 0, "note")),
        (GOOD.replace(SECRET, ""), ("missing", 5, "error")),
        (GOOD.replace("KEYCLOAK_REALM=mcp-gateway\n", ""), ("missing", 0, "error")),
        (GOOD.replace("https://kc.test", "kc.test"), ("not-a-url", 2, "error")),
        (GOOD + "REGISTRY_URL=gateway\n", ("not-a-url", 6, "error")),
        (GOOD.replace(SECRET, "your_keycloak_m2m_client_secret"), ("example-value", 5, "error")),
        (GOOD.replace("agent-x-m2m", "agent-your-agent-name-m2m"), ("example-value", 4, "error")),
        (GOOD.replace("https://kc.test", "https://your-domain.com"), ("example-value", 2, "error")),
        (GOOD + "KEYCLOAK_REALM=other\n", ("duplicate", 6, "note")),
        (GOOD + "nonsense\n", ("no-assignment", 6, "note")),
        (GOOD.replace("KEYCLOAK_REALM=", "KEYCLOAK_REALM = "), ("spaces", 3, "note")),
        (GOOD + SET.replace("_1=", "_2="), ("number-gap", 6, "note")),
        (GOOD + SET + SET.replace("_1=", "_4="), ("number-gap", 11, "note")),
        (GOOD + SET.replace("_1=", "_101="), ("number-range", 6, "error")),
        (GOOD + SET.replace("_1=", "_0="), ("number-range", 6, "error")),
        (GOOD + SET.replace("_1=", "="), ("no-number", 6, "note")),
        (GOOD + SET.replace("NAME_1", "NAME_01"), ("number-form", 9, "error")),
        (GOOD + SET.replace(f"={SECRET}", "="), ("egress-incomplete", 7, "error")),
        (GOOD + SET.replace("EGRESS_OAUTH_CLIENT_ID_1=app\n", ""), ("egress-incomplete", 6, "error")),
        (GOOD + SET.replace("=atlassian", "="), ("egress-default", 9, "note")),
        (GOOD + SET.replace("=app", "=your_external_provider_client_id"), ("example-value", 6, "error")),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_each_problem_is_named_with_its_line(text: str, wanted: tuple[str, int, str]) -> None:
    assert wanted in _seen(text)
    assert wanted not in _seen(GOOD + SET)


def test_a_pool_id_out_of_the_example_is_named() -> None:
    text = (
        "AUTH_PROVIDER=cognito\nINGRESS_OAUTH_USER_POOL_ID=us-east-1_XXXXXXXXX\nINGRESS_OAUTH_CLIENT_ID=c\n"
    )
    assert ("example-value", 2, "error") in _seen(f"{text}INGRESS_OAUTH_CLIENT_SECRET={SECRET}\n")


def test_an_open_quote_of_a_key_that_counts_is_an_error() -> None:
    found = _read(GOOD.replace(f"SECRET={SECRET}", f"SECRET='{SECRET}"))
    assert ("unclosed-quote", 5, "error") in [(p.id, p.line, p.severity) for p in found.problems]
    assert found.broken("ingress")


def test_what_is_wrong_with_one_set_breaks_no_other_part() -> None:
    found = _read(GOOD + SET.replace(f"={SECRET}", "=") + SET.replace("_1=", "_2="))
    assert (found.broken("ingress"), found.broken("1"), found.broken("2")) == (False, True, False)


def test_no_sentence_repeats_a_secret() -> None:
    text = (
        GOOD
        + SET
        + GOOD
        + SET.replace("_1=", "_7=").replace("http", "x")
        + f"KEYCLOAK_M2M_CLIENT_SECRET='{SECRET}"
    )
    problems = _read(text).problems
    assert len(problems) > 5
    assert SECRET not in " ".join(p.says for p in problems)


@pytest.mark.parametrize("name", [".env", ".env.agent"])
@pytest.mark.parametrize("provider", ["keycloak", "cognito"])
def test_the_template_lacks_nothing_but_its_values(name: str, provider: str) -> None:
    file = Dotenv(template(name, provider))
    assert {p.id for p in env.read(file).problems} == {"missing"}
    filled = GatewayEnv(
        provider,
        Keycloak("https://kc.test", "r", "agent-x", Secret(SECRET)) if provider == "keycloak" else Keycloak(),
        Cognito("us-east-1", "us-east-1_a", "c", Secret(SECRET)) if provider == "cognito" else Cognito(),
        registry_url="https://gw.test",
    )
    written = env.written(filled, file)
    assert env.read(written) == filled
    comments = [line for line in file.text.splitlines() if line.startswith("#")]
    assert [line for line in written.text.splitlines() if line.startswith("#")] == comments
    assert len(written.text.splitlines()) == len(file.text.splitlines())


_WORD = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 '\"#$\\]{0,8}[a-z]", fullmatch=True)
_HELD = _WORD.map(Secret)
_SETS = st.dictionaries(
    st.integers(1, 100),
    st.builds(Egress, st.just(0), _WORD, _WORD, _WORD, _HELD, _WORD, st.one_of(st.just(""), _WORD)),
    max_size=3,
)


@settings(max_examples=examples(25), deadline=None)
@given(
    st.sampled_from(["keycloak", "cognito"]),
    st.builds(Keycloak, _WORD, _WORD, _WORD, _HELD),
    st.builds(Cognito, _WORD, _WORD, _WORD, _HELD, _WORD),
    _SETS,
    st.sampled_from(
        ["", GOOD, GOOD + SET, "\ufeff# mine\r\nOTHER = 1\r\n", template(".env"), template(".env.agent")]
    ),
)
def test_what_is_written_is_what_is_read(
    provider: str, keycloak: Keycloak, cognito: Cognito, sets: dict[int, Egress], before: str
) -> None:
    egress = tuple(
        Egress(n, e.provider, e.server, e.client_id, e.client_secret, e.redirect_uri, e.scope)
        for n, e in sorted(sets.items())
    )
    wanted = GatewayEnv(provider, keycloak, cognito, egress, "https://gw.test")
    file = env.written(wanted, Dotenv(before))
    found = env.read(dotenv.parse(file.content))
    assert (found.provider, found.keycloak, found.cognito, found.egress, found.registry_url) == (
        provider,
        keycloak,
        cognito,
        egress,
        "https://gw.test",
    )
    assert env.written(wanted, file).text == file.text
    for line in before.splitlines():
        if line.startswith("#") or "OTHER" in line:
            assert line.strip("\ufeff") in file.text


def test_a_file_that_is_none_has_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileProblem) as caught:
        env.load(tmp_path)
    assert caught.value.id == "file-is-folder"
