"""What real issuers say of their tokens: Keycloak's introspection wants its client in the audience (row U3), its user
info one name; oidc-provider introspects opaque tokens alone."""

from __future__ import annotations

import http.server
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
from servers.keycloak import Keycloak
from servers.oidc_provider import OpenIdProvider
from support.issuing import cut
from support.running import Put, Ran, Run

from diagnostics.causes.book import REGISTRY
from wizard.secret import Secret

Ask = Callable[..., Ran]
MISMATCH = "introspection-client-mismatch"
OTHER_NAME = "introspection-or-userinfo-other-hostname"


@pytest.fixture
def ask(run: Run, put: Put) -> Ask:
    """The command about this token; with ``client`` (id and secret) that one introspects."""

    def go(token: Secret, *words: str, client: tuple[str, Secret] | None = None) -> Ran:
        named = client or ("", Secret(""))
        more = ("--set", f"client_id={named[0]}", "--secret", f"client_secret={put(named[1])}")
        done = run("token", put(token), *words, *(more if client else ()), "--json")
        assert token.reveal() not in done.out + done.err
        assert not client or named[1].reveal() not in done.out + done.err
        return done

    return go


@pytest.mark.real("java")
class TestKeycloak:
    """Keycloak 26."""

    @pytest.fixture(scope="class")
    def reader(self, keycloak: Keycloak) -> tuple[str, Secret]:
        """A client in the audience of the tokens that ``for-reader`` gets."""
        client = keycloak.add_client("a-reader")
        keycloak.add_client("for-reader")
        mapper = {
            "name": "audience",
            "protocol": "openid-connect",
            "protocolMapper": "oidc-audience-mapper",
            "config": {"included.client.audience": "a-reader", "access.token.claim": "true"},
        }
        place = f"/mcp-gateway/clients/{keycloak.uuid('for-reader')}/protocol-mappers/models"
        keycloak.admin("POST", place, mapper)
        return client

    @pytest.mark.row("U3", "U7")
    def test_by_the_client_that_the_token_is_for_all_is_well(
        self, keycloak: Keycloak, reader: tuple[str, Secret], ask: Ask
    ) -> None:
        token = keycloak.token("for-reader", scope="openid")
        done = ask(token, "--verify", "--userinfo", "--introspect", client=reader)
        told = done.json
        assert (done.code, told["signature"], told["findings"]) == (0, "valid", []), done.out
        assert told["introspection"]["active"] is True
        assert told["user_info"]["claims"]["preferred_username"] == "service-account-for-reader"

    @pytest.mark.row("U3")
    @pytest.mark.parametrize("name", ["mcp-gateway-m2m", "no-group"])
    def test_a_client_outside_the_audience_is_told_apart_from_a_bad_token(
        self, name: str, keycloak: Keycloak, ask: Ask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token = keycloak.token(scope="openid")
        done = ask(token, "--introspect", client=keycloak.client(name))
        found = done.json["findings"][0]
        assert (done.code, done.causes, found["certainty"]) == (1, [MISMATCH], "proven"), done.out
        assert (done.json["introspection"]["active"], done.json["signature"]) == (False, "valid")
        assert f"an audience mapper for `{name}`" in " ".join(found["fix"])
        monkeypatch.delitem(REGISTRY, MISMATCH)
        assert MISMATCH not in ask(token, "--introspect", client=keycloak.client(name)).causes

    @pytest.mark.row("U3")
    def test_a_bad_token_and_a_wrong_secret_are_named_as_such(
        self, keycloak: Keycloak, reader: tuple[str, Secret], ask: Ask
    ) -> None:
        token = keycloak.token("for-reader", scope="openid")
        bad = ask(Secret(cut(token.reveal())), "--verify", "--userinfo", "--introspect", client=reader)
        assert (bad.causes, bad.json["signature"]) == (["signature-invalid"], "invalid")
        stranger = ask(token, "--introspect", client=(reader[0], Secret(secrets.token_urlsafe(20))))
        assert stranger.causes == ["introspection-client-refused"]
        assert (stranger.json["introspection"]["status"], stranger.json["signature"]) == (401, "valid")

    @pytest.mark.row("U7")
    def test_user_info_wants_openid(self, keycloak: Keycloak, ask: Ask) -> None:
        done = ask(keycloak.token(), "--userinfo")
        assert (done.code, done.causes, done.json["user_info"]["status"]) == (
            1,
            ["userinfo-needs-openid"],
            403,
        )

    @pytest.mark.row("U3", "U7")
    def test_after_a_logout_the_keys_still_say_yes(
        self, keycloak: Keycloak, reader: tuple[str, Secret], ask: Ask
    ) -> None:
        password = secrets.token_urlsafe(16)
        keycloak.add_client("her-app")
        keycloak.admin(
            "PUT",
            f"/mcp-gateway/clients/{keycloak.uuid('her-app')}",
            {"clientId": "her-app", "directAccessGrantsEnabled": True},
        )
        person = keycloak.admin(
            "POST",
            "/mcp-gateway/users",
            {
                "username": "carol",
                "email": "carol@example.com",
                "firstName": "Carol",
                "lastName": "Practice",
                "enabled": True,
                "credentials": [{"type": "password", "value": password, "temporary": False}],
            },
        )
        form = {"grant_type": "password", "username": "carol", "password": password, "scope": "openid"}
        answer = httpx.post(
            keycloak.token_endpoint(),
            data=form,
            auth=("her-app", keycloak.client("her-app")[1].reveal()),
            trust_env=False,
        ).raise_for_status()
        token = Secret(answer.json()["access_token"])
        before = ask(token, "--userinfo")
        assert (before.code, before.json["user_info"]["claims"]["name"]) == (0, "Carol Practice")
        keycloak.admin("POST", f"/mcp-gateway/users/{person}/logout")
        after = ask(token, "--verify", "--userinfo", "--introspect", client=reader)
        assert after.causes[0] == "idp-sso-session-idle-or-ended", after.out
        assert (after.json["signature"], after.json["introspection"]["active"]) == ("valid", False)

    @pytest.mark.row("U3")
    def test_a_proxy_that_keeps_the_name_from_user_info(
        self, keycloak: Keycloak, reader: tuple[str, Secret], ask: Ask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with _proxy(keycloak.port, forgets="/userinfo") as port:
            issuer = f"http://127.0.0.1:{port}/realms/mcp-gateway"
            form = {"grant_type": "client_credentials", "scope": "openid"}
            pair = ("for-reader", keycloak.client("for-reader")[1].reveal())
            answer = httpx.post(
                f"{issuer}/protocol/openid-connect/token", data=form, auth=pair, trust_env=False
            ).raise_for_status()
            token = Secret(answer.json()["access_token"])
            done = ask(token, "--userinfo", "--introspect", client=reader)
            found = done.json["findings"][0]
            assert (found["cause"], found["certainty"]) == (OTHER_NAME, "proven"), done.out
            monkeypatch.delitem(REGISTRY, OTHER_NAME)
            assert OTHER_NAME not in ask(token, "--userinfo", "--introspect", client=reader).causes
        with _proxy(keycloak.port, forgets="") as port:
            issuer = f"http://127.0.0.1:{port}/realms/mcp-gateway"
            answer = httpx.post(
                f"{issuer}/protocol/openid-connect/token", data=form, auth=pair, trust_env=False
            ).raise_for_status()
            assert ask(Secret(answer.json()["access_token"]), "--userinfo").code == 0

    def test_keys_that_were_made_anew(self, keycloak: Keycloak, ask: Ask) -> None:
        token = keycloak.token(realm="other", name="mcp-gateway-m2m")
        assert ask(token, "--verify").code == 0
        realm = keycloak.admin("GET", "/other")["id"]
        kept = keycloak.admin("GET", "/other/components?type=org.keycloak.keys.KeyProvider")
        rsa = next(c for c in kept if c["providerId"] == "rsa-generated")
        new = {k: rsa[k] for k in ("providerId", "providerType")} | {"name": "new", "parentId": realm}
        keycloak.admin(
            "POST", "/other/components", {**new, "config": {"priority": ["200"], "active": ["true"]}}
        )
        keycloak.admin("DELETE", f"/other/components/{rsa['id']}")
        done = ask(token, "--verify")
        assert (done.code, done.causes) == (1, ["kid-not-in-jwks-keys-regenerated"]), done.out
        assert ask(keycloak.token(realm="other", name="mcp-gateway-m2m"), "--verify").code == 0


@pytest.mark.real("npm")
class TestOpenIdProvider:
    """oidc-provider 9."""

    @pytest.mark.row("U3")
    def test_a_programs_token(self, oidc: OpenIdProvider, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
        form = {"grant_type": "client_credentials", "scope": "read"}
        name, secret = oidc.client()
        answer = httpx.post(oidc.token_endpoint, data=form, auth=(name, secret.reveal()), trust_env=False)
        token = Secret(answer.raise_for_status().json()["access_token"])
        done = ask(token, "--verify")
        assert (done.code, done.json["signature"], done.json["scopes"]) == (0, "valid", ["read"])
        assert ask(Secret(cut(token.reveal())), "--verify").causes == ["signature-invalid"]
        told = ask(token, "--introspect", client=oidc.client())
        assert (told.json["signature"], told.causes[0]) == ("valid", "introspection-takes-no-jwt"), told.out
        monkeypatch.delitem(REGISTRY, "introspection-takes-no-jwt")
        assert ask(token, "--introspect", client=oidc.client()).causes == []

    @pytest.mark.row("U7")
    def test_user_info_is_no_resource_of_its_token(
        self, oidc: OpenIdProvider, ask: Ask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        form = {"grant_type": "client_credentials", "scope": "read"}
        name, secret = oidc.client()
        answer = httpx.post(oidc.token_endpoint, data=form, auth=(name, secret.reveal()), trust_env=False)
        token = Secret(answer.raise_for_status().json()["access_token"])
        done = ask(token, "--userinfo")
        assert (done.code, done.causes) == (1, ["userinfo-token-for-another-resource"])
        monkeypatch.delitem(REGISTRY, "userinfo-token-for-another-resource")
        assert ask(token, "--userinfo").causes == []


@contextmanager
def _proxy(upstream: int, *, forgets: str) -> Iterator[int]:
    """A reverse proxy before Keycloak that hands Host on, but not for addresses that end so."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._on()

        def do_POST(self) -> None:
            self._on()

        def _on(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            kept = {n: v for n, v in self.headers.items() if n.lower() not in ("host", "content-length")}
            if not forgets or not self.path.endswith(forgets):
                kept["Host"] = self.headers["Host"]
            answer = httpx.request(
                self.command,
                f"http://127.0.0.1:{upstream}{self.path}",
                content=body,
                headers=kept,
                trust_env=False,
            )
            self.send_response(answer.status_code)
            for name in ("content-type", "www-authenticate"):
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
