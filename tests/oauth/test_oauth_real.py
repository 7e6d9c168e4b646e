"""Client credentials by command: oidc-provider and Keycloak as issuers, and a FastMCP that verifies their JWTs."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from oauth_support import Verifying
from servers.keycloak import Keycloak
from servers.oidc_provider import OpenIdProvider
from support.running import Ran, Run

from diagnostics.causes.book import REGISTRY
from wizard.secret import Secret

Setup = Callable[..., Ran]
READ = ("--set", "scope=read")


@pytest.fixture
def set_up(run: Run, home: Path) -> Setup:
    """Sets the server at ``url`` up with client credentials; the secret lies in a file of its own."""

    def go(url: str, endpoint: str, client: tuple[str, Secret], *more: str, name: str = "mine") -> Ran:
        place = home / f"secret-{name}"
        place.write_text(client[1].reveal())
        place.chmod(0o600)
        return run(
            "setup", "mcp", "--url", url, "--method", "client_credentials", "--name", name,
            "--set", f"client_id={client[0]}", "--set", f"token_endpoint={endpoint}",
            "--secret", f"client_secret=file:{place}", *more, "--yes", "--json",
        )  # fmt: skip

    return go


def steps(done: Ran) -> dict[str, Any]:
    return {s["id"]: s for s in done.json.get("test", done.json)["steps"]}


def causes(done: Ran) -> list[str]:
    return [f["cause"] for f in done.json["findings"]]


def files_with(place: Path, *needles: str) -> list[str]:
    held = [p for p in place.rglob("*") if p.is_file()]
    return [str(p) for p in held if any(n in p.read_bytes().decode("utf-8", "replace") for n in needles)]


@pytest.mark.real("npm")
class TestOpenIdProvider:
    """oidc-provider 9 from npm."""

    @pytest.fixture(scope="class")
    def url(self, oidc: OpenIdProvider, verifying: Verifying) -> Iterator[str]:
        yield verifying(
            jwks_uri=oidc.jwks, issuer=oidc.issuer, audience=oidc.resource, required_scopes=("read",)
        )

    @pytest.mark.row("A1")
    @pytest.mark.parametrize("name", ["basic", "post", "odd"])
    def test_from_nothing_to_a_proven_config(
        self, name: str, url: str, oidc: OpenIdProvider, set_up: Setup, run: Run, home: Path
    ) -> None:
        way = "client_secret_post" if name == "post" else "client_secret_basic"
        more = (*READ, "--set", f"token_endpoint_auth_method={way}")
        done = set_up(
            url, oidc.token_endpoint, oidc.client(name), *more, "--client", "claude-code", "--project"
        )
        assert done.code == 0, done.out + done.err
        assert steps(done)["token"] == {
            **steps(done)["token"],
            "ok": True,
            "expected": "an access token",
            "seen": "a token for 600 s",
        }
        assert next(iter(steps(done))) == "token"
        assert done.json["test"]["granted_scopes"] == ["read"]
        proof = done.json["exports"][0]["proof"]
        assert (proof["read_back"], proof["answered"]) == (True, True)
        assert done.json["exports"][0]["references"][0]["how"] == "helper"

        tested, judged = run("test", "mine", "--json"), run("doctor", "mine", "--json")
        assert (tested.code, judged.code) == (0, 0), tested.out + judged.out
        assert (judged.json["verdict"], judged.json["findings"]) == ("healthy", [])
        asked = judged.json["exchanges"][0]
        assert (asked["method"], asked["url"], asked["status"]) == ("POST", oidc.token_endpoint, 200)

        for command in ("test", "doctor"):
            through = run(command, "claude-code:mine", "--json")
            assert through.code == 0, through.out + through.err

        one, other = run("headers", "mine"), run("headers", "mine")
        tokens = {json.loads(r.out)["Authorization"].removeprefix("Bearer ") for r in (one, other)}
        assert len(tokens) == 2, "a token was kept"
        named = run("secret", "mine", "access_token").out.strip()
        assert named.count(".") == 2
        told = "".join(r.out + r.err for r in (done, tested, judged))
        secret = oidc.client(name)[1].reveal()
        leaked = secret in told or any(t in told for t in tokens)
        assert not leaked
        # the secret's own file is the person's; no token is on disk, nor the secret anywhere else
        assert files_with(home, secret, *tokens, named) == [str(home / "secret-mine")]

    def test_exec_hands_the_token_on(self, url: str, oidc: OpenIdProvider, set_up: Setup) -> None:
        assert set_up(url, oidc.token_endpoint, oidc.client(), *READ).code == 0
        seen = "import os; print(sorted(n for n, v in os.environ.items() if v.count('.') == 2 and v.startswith('ey')))"
        root = str(Path(__file__).parents[2])
        done = subprocess.run(
            [sys.executable, "-m", "wizard", "exec", "mine", "--", sys.executable, "-c", seen],
            env={**os.environ, "PYTHONPATH": root},
            capture_output=True,
            text=True,
            check=True,
        )
        assert "MINE_ACCESS_TOKEN" in done.stdout or "ACCESS_TOKEN" in done.stdout, done.stdout

    def test_an_access_token_is_not_written_into_a_file(
        self, url: str, oidc: OpenIdProvider, set_up: Setup, home: Path
    ) -> None:
        more = ("--client", "claude-code", "--project", "--secrets", "inline")
        done = set_up(url, oidc.token_endpoint, oidc.client(), *more)
        assert (done.code, done.json["error"]["id"]) == (2, "way-not-possible")
        assert not (home / "project/.mcp.json").exists()

    @pytest.mark.row("A11")
    def test_a_wrong_secret_is_named(
        self, url: str, oidc: OpenIdProvider, set_up: Setup, run: Run, home: Path
    ) -> None:
        wrong = (oidc.client()[0], Secret(secrets.token_urlsafe(24)))
        done = set_up(url, oidc.token_endpoint, wrong, "--client", "claude-code", "--project")
        assert done.code == 1
        assert (steps(done)["token"]["ok"], steps(done)["token"]["seen"]) == (False, "401 invalid_client")
        rest = {
            s["seen"] for i, s in steps(done).items() if i not in ("token", "connect", "tls", "no-credential")
        }
        assert rest == {"waits for an access token"}
        assert done.json["test"]["finding"]["cause"] == "client-secret-wrong-or-id-instead-of-value"
        assert (done.json["exports"], (home / "project/.mcp.json").exists()) == ([], False)
        assert run("connections", "--json").json["connections"] == []

    @pytest.mark.parametrize(
        ("change", "cause"),
        [
            ("secret", "client-secret-wrong-or-id-instead-of-value"),
            ("uuid", "client-secret-wrong-or-id-instead-of-value"),
            ("id", "client-secret-wrong-or-id-instead-of-value"),
            ("newline", "token-trailing-newline-or-crlf"),
            ("resource", "token-request-refused"),
            ("path", "token-request-refused"),
            ("nobody", "token-endpoint-unreachable"),
        ],
    )
    def test_the_doctor_names_each_first_and_only_by_its_rule(
        self,
        change: str,
        cause: str,
        url: str,
        oidc: OpenIdProvider,
        set_up: Setup,
        run: Run,
        home: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        assert set_up(url, oidc.token_endpoint, oidc.client(), *READ).code == 0
        place, kept = home / "secret-mine", oidc.client()[1].reveal()
        more: tuple[str, ...] = ()
        if change == "secret":
            place.write_text(secrets.token_urlsafe(24))
        elif change == "uuid":
            import uuid

            place.write_text(str(uuid.uuid4()))
        elif change == "newline":
            place.write_text(f"{kept}\r\n")
        else:
            more = {
                "id": ("--set", "client_id=nobody"),
                "resource": ("--set", "resource=not an address"),
                "path": ("--set", f"token_endpoint={oidc.issuer}/tokens"),
                "nobody": ("--set", "token_endpoint=http://127.0.0.1:1/token"),
            }[change]
        done = run("doctor", "mine", *more, "--json")
        assert (done.code, done.json["verdict"]) == (1, "broken"), done.out
        assert causes(done)[0] == cause, done.out
        told = (kept in done.out) or (place.read_text().strip() in done.out)
        assert not told
        monkeypatch.delitem(REGISTRY, cause)
        assert cause not in causes(run("doctor", "mine", *more, "--json"))

    def test_an_unknown_scope_is_dropped_in_silence_and_shown(
        self, url: str, oidc: OpenIdProvider, set_up: Setup
    ) -> None:
        done = set_up(url, oidc.token_endpoint, oidc.client(), "--set", "scope=read nonsense")
        assert done.code == 0
        assert done.json["test"]["granted_scopes"] == ["read"]

    def test_an_address_takes_the_method_too(
        self, url: str, oidc: OpenIdProvider, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        name, secret = oidc.client()
        monkeypatch.setenv("A_SECRET", secret.reveal())
        words = (
            url, "--method", "client_credentials", "--set", f"client_id={name}",
            "--set", f"token_endpoint={oidc.token_endpoint}", "--secret", "client_secret=env:A_SECRET", *READ, "--json",
        )  # fmt: skip
        tested, judged = run("test", *words), run("doctor", *words)
        assert (tested.code, judged.code) == (0, 0), tested.out + judged.out
        assert tested.json["steps"][0]["id"] == "token"


@pytest.mark.real("java")
class TestKeycloak:
    """Keycloak 26, its realms and its groups."""

    @pytest.fixture(scope="class")
    def url(self, keycloak: Keycloak, verifying: Verifying) -> str:
        return verifying(jwks_uri=keycloak.jwks(), issuer=keycloak.realm_url, metadata=keycloak.realm_url)

    @pytest.mark.row("G1", "A1")
    def test_healthy(self, url: str, keycloak: Keycloak, set_up: Setup, run: Run) -> None:
        done = set_up(
            url, keycloak.token_endpoint(), keycloak.client(), "--client", "claude-code", "--project"
        )
        assert done.code == 0, done.out
        judged = run("doctor", "mine", "--json")
        assert (judged.json["verdict"], judged.json["findings"]) == ("healthy", [])

    @pytest.mark.parametrize("name", ["mcp-gateway-m2m", "nobody"])
    def test_a_wrong_secret_and_an_unknown_client(
        self, name: str, url: str, keycloak: Keycloak, set_up: Setup
    ) -> None:
        done = set_up(url, keycloak.token_endpoint(), (name, Secret(secrets.token_urlsafe(20))))
        assert done.json["test"]["finding"]["cause"] == "client-secret-wrong-or-id-instead-of-value"

    def test_an_unknown_scope(self, url: str, keycloak: Keycloak, set_up: Setup) -> None:
        done = set_up(url, keycloak.token_endpoint(), keycloak.client(), "--set", "scope=nonsense")
        assert steps(done)["token"]["seen"] == "400 invalid_scope"
        finding = done.json["test"]["finding"]
        assert (finding["cause"], "nonsense" in finding["title"]) == ("token-request-refused", True)

    def test_a_client_without_a_service_account(
        self, url: str, keycloak: Keycloak, set_up: Setup, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client = keycloak.add_client("people-only")
        keycloak.admin(
            "PUT",
            f"/mcp-gateway/clients/{keycloak.uuid('people-only')}",
            {"clientId": "people-only", "serviceAccountsEnabled": False, "standardFlowEnabled": True},
        )
        done = set_up(url, keycloak.token_endpoint(), client)
        assert done.json["test"]["finding"]["cause"] == "client-grant-not-allowed"
        monkeypatch.delitem(REGISTRY, "client-grant-not-allowed")
        done = set_up(url, keycloak.token_endpoint(), client)
        assert (done.json["test"]["finding"] or {}).get("cause") != "client-grant-not-allowed"

    @pytest.mark.row("G7")
    @pytest.mark.parametrize(
        ("realm", "host", "name", "cause"),
        [
            ("master", "127.0.0.1", "gateway", "wrong-realm"),
            ("other", "127.0.0.1", "mcp-gateway-m2m", "wrong-realm"),
            ("mcp-gateway", "localhost", "mcp-gateway-m2m", "issuer-hostname-mismatch-keycloak"),
        ],
    )
    def test_tokens_of_another_issuer(
        self,
        realm: str,
        host: str,
        name: str,
        cause: str,
        url: str,
        keycloak: Keycloak,
        set_up: Setup,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        words = (url, keycloak.token_endpoint(realm, host), keycloak.client(name, realm))
        done = set_up(*words)
        finding = done.json["test"]["finding"]
        assert (finding["cause"], finding["certainty"]) == (cause, "proven"), done.out
        monkeypatch.delitem(REGISTRY, cause)
        assert (set_up(*words).json["test"]["finding"] or {}).get("cause") != cause

    @pytest.mark.row("G7")
    def test_another_host_name_without_metadata(
        self, keycloak: Keycloak, verifying: Verifying, set_up: Setup
    ) -> None:
        bare = verifying(jwks_uri=keycloak.jwks(), issuer=keycloak.realm_url)
        done = set_up(bare, keycloak.token_endpoint(host="localhost"), keycloak.client())
        finding = done.json["test"]["finding"]
        assert (finding["cause"], finding["certainty"]) == ("issuer-hostname-mismatch-keycloak", "likely")
        assert set_up(bare, keycloak.token_endpoint(), keycloak.client()).code == 0

    @pytest.mark.row("G7")
    @pytest.mark.parametrize(
        ("name", "certainty", "words"),
        [
            ("userinfo-mapper", "proven", "no mapper puts them there"),
            ("no-mapper", "likely", "or the account is in none"),
            ("no-group", "likely", "or the account is in none"),
        ],
    )
    def test_a_token_without_groups(
        self,
        name: str,
        certainty: str,
        words: str,
        keycloak: Keycloak,
        by_groups: Callable[[Keycloak], str],
        set_up: Setup,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        url = by_groups(keycloak)
        assert set_up(url, keycloak.token_endpoint(), keycloak.client()).code == 0
        done = set_up(url, keycloak.token_endpoint(), keycloak.client(name))
        finding = done.json["test"]["finding"]
        assert (finding["cause"], finding["certainty"]) == ("groups-mapper-missing", certainty), done.out
        assert words in finding["title"]
        monkeypatch.delitem(REGISTRY, "groups-mapper-missing")
        done = set_up(url, keycloak.token_endpoint(), keycloak.client(name))
        assert (done.json["test"]["finding"] or {}).get("cause") != "groups-mapper-missing"
