"""A real Keycloak with the gateway document's realm, started once per test session and ended by pid.

Mark the tests ``@pytest.mark.real("java")``;
where `.ci/servers.sh` has not been run they are skipped with that reason, and fail under CI. What the fixture gives:

* ``keycloak.url``                     ``http://127.0.0.1:PORT``; the issuer follows the host asked
* ``keycloak.realm_url``               the issuer of ``mcp-gateway``; ``realm("other", host="localhost")`` is another
* ``keycloak.token_endpoint(realm)``   where a client gets its tokens
* ``keycloak.client(name, realm)``     its id and its secret; these are there:
    ``mcp-gateway-m2m``   group mapper, service account in mcp-servers-unrestricted and mcp-servers-restricted
    ``no-mapper``         the same groups and no mapper
    ``no-group``          the mapper, and no group
    ``userinfo-mapper``   the groups, and a mapper that leaves them out of the access token alone
  (``mcp-gateway-m2m`` is in the realm ``other`` too, and ``gateway`` in ``master``)
* ``keycloak.admin(method, path, body)``, ``add_client``, ``join``, ``leave``: to break things and mend them
* ``keycloak.token(name, realm, host, scope)``  an access token of that client
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from wizard.secret import Secret

ROOT: Final = Path(__file__).parents[2]
REALM: Final = "mcp-gateway"
GROUPS: Final = ("mcp-servers-unrestricted", "mcp-servers-restricted")
_PATIENCE: Final = 300.0


def folder(variable: str, built: str) -> Path | None:
    """What `.ci/servers.sh` installed: named by the variable, else, under CI, below .ci/built/servers; None where it is
    not. Without a word these tests stay out of a run: a Keycloak alone takes most of a minute to start."""
    named = os.environ.get(variable)
    held = (ROOT / ".ci/built/servers").glob(built) if os.environ.get("CI") else ()
    places = [Path(named)] if named else sorted(held)
    return next((p for p in reversed(places) if p.is_dir()), None)


def wanted(variable: str, built: str) -> Path:
    """As `folder`; a skip with its reason where it is not there, a failure under CI."""
    found = folder(variable, built)
    if found is None:
        reason = f"needs {built}: run .ci/servers.sh and name its folder in {variable}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@dataclass
class Keycloak:
    """A running Keycloak; see the module's own words."""

    port: int
    password: str = field(repr=False)
    secrets: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)
    _admin: tuple[float, str] = field(default=(0.0, ""), repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def realm_url(self) -> str:
        return self.realm(REALM)

    def realm(self, name: str = REALM, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}/realms/{name}"

    def token_endpoint(self, realm: str = REALM, host: str = "127.0.0.1") -> str:
        return f"{self.realm(realm, host)}/protocol/openid-connect/token"

    def jwks(self, realm: str = REALM) -> str:
        return f"{self.realm(realm)}/protocol/openid-connect/certs"

    def client(self, name: str = "mcp-gateway-m2m", realm: str = REALM) -> tuple[str, Secret]:
        return name, Secret(self.secrets[realm, name])

    def token(
        self, name: str = "mcp-gateway-m2m", realm: str = REALM, host: str = "127.0.0.1", scope: str = ""
    ) -> Secret:
        form = {
            "grant_type": "client_credentials",
            "client_id": name,
            "client_secret": self.secrets[realm, name],
        }
        answer = self._post(self.token_endpoint(realm, host), {**form, **({"scope": scope} if scope else {})})
        return Secret(answer["access_token"])

    def admin_token(self) -> str:
        """One of now for the admin API."""
        if time.monotonic() > self._admin[0]:
            form = {
                "grant_type": "password",
                "client_id": "admin-cli",
                "username": "admin",
                "password": self.password,
            }
            self._admin = (
                time.monotonic() + 30,
                self._post(self.token_endpoint("master"), form)["access_token"],
            )
        return self._admin[1]

    def admin(self, method: str, path: str, body: object = None) -> Any:
        """Ask the admin API (``/mcp-gateway/clients``); the answer's JSON, or the new thing's id after a creation."""
        answer = httpx.request(
            method,
            f"{self.url}/admin/realms{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.admin_token()}"},
            timeout=30,
            trust_env=False,
        ).raise_for_status()
        if answer.content:
            return answer.json()
        place = answer.headers.get("location")
        return place.rpartition("/")[2] if place else None

    def add_client(
        self,
        name: str,
        *,
        realm: str = REALM,
        groups: tuple[str, ...] = (),
        mapper: str = "access",
        full_path: bool = False,
    ) -> tuple[str, Secret]:
        """A client with a service account. ``mapper``: ``access`` (groups everywhere), ``userinfo`` (not in the access
        token), or empty for none."""
        made = self.secrets[realm, name] = secrets.token_urlsafe(24)
        mappers = [groups_mapper(in_token=mapper == "access", full_path=full_path)] if mapper else []
        client = {
            "clientId": name,
            "secret": made,
            "serviceAccountsEnabled": True,
            "standardFlowEnabled": False,
            "protocolMappers": mappers,
        }
        uuid = self.admin("POST", f"/{realm}/clients", client)
        if groups:
            self.join(self.account(uuid, realm), *groups, realm=realm)
        return name, Secret(made)

    def account(self, uuid: str, realm: str = REALM) -> str:
        """The id of a client's service account."""
        return str(self.admin("GET", f"/{realm}/clients/{uuid}/service-account-user")["id"])

    def uuid(self, name: str, realm: str = REALM) -> str:
        """A client's inner id."""
        return str(self.admin("GET", f"/{realm}/clients?clientId={name}")[0]["id"])

    def group(self, name: str, realm: str = REALM) -> str:
        """A group's id; it is made where there is none."""
        known = {g["name"]: g["id"] for g in self.admin("GET", f"/{realm}/groups")}
        return str(known.get(name) or self.admin("POST", f"/{realm}/groups", {"name": name}))

    def join(self, account: str, *groups: str, realm: str = REALM) -> None:
        for name in groups:
            self.admin("PUT", f"/{realm}/users/{account}/groups/{self.group(name, realm)}")

    def leave(self, account: str, *groups: str, realm: str = REALM) -> None:
        for name in groups:
            self.admin("DELETE", f"/{realm}/users/{account}/groups/{self.group(name, realm)}")

    def _post(self, url: str, form: dict[str, str]) -> Any:
        return httpx.post(url, data=form, timeout=30, trust_env=False).raise_for_status().json()


def groups_mapper(*, in_token: bool = True, full_path: bool = False) -> dict[str, object]:
    """What puts a person's groups into tokens."""
    return {
        "name": "groups",
        "protocol": "openid-connect",
        "protocolMapper": "oidc-group-membership-mapper",
        "config": {
            "claim.name": "groups",
            "full.path": str(full_path).lower(),
            "access.token.claim": str(in_token).lower(),
            "id.token.claim": "true",
            "userinfo.token.claim": "true",
        },
    }


def _ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


@contextlib.contextmanager
def _running(home: Path, data: Path) -> Iterator[Keycloak]:
    port, management = _ports()
    made = Keycloak(port, secrets.token_urlsafe(24))
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "JAVA_HOME")}
    log = data / "keycloak.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                str(home / "bin/kc.sh"),
                "start",
                "--optimized",
                "--http-enabled=true",
                "--http-host=127.0.0.1",
                f"--http-port={port}",
                f"--http-management-port={management}",
                "--hostname-strict=false",
                "--log-level=warn",
            ],
            env={
                **kept,
                "HOME": str(data),
                "JAVA_OPTS_KC_HEAP": "-Xms64m -Xmx512m",
                "JAVA_OPTS_APPEND": "-XX:TieredStopAtLevel=1",
                "KC_BOOTSTRAP_ADMIN_USERNAME": "admin",
                "KC_BOOTSTRAP_ADMIN_PASSWORD": made.password,
            },
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
    try:
        _wait(f"{made.realm('master')}/.well-known/openid-configuration", process, log)
        yield made
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(url, timeout=10, trust_env=False).status_code == 200:
                return
        said = log.read_text("utf-8", "replace")[-2000:]
        assert process.poll() is None, said
        assert time.monotonic() < deadline, f"Keycloak did not start: {said}"
        time.sleep(0.2)


def _filled(made: Keycloak) -> Keycloak:
    for realm in (REALM, "other"):
        made.admin("POST", "", {"realm": realm, "enabled": True, "sslRequired": "none"})
    made.add_client("mcp-gateway-m2m", groups=GROUPS)
    made.add_client("no-mapper", groups=GROUPS, mapper="")
    made.add_client("userinfo-mapper", groups=GROUPS, mapper="userinfo")
    made.add_client("no-group")
    made.add_client("mcp-gateway-m2m", realm="other", groups=GROUPS)
    made.add_client("gateway", realm="master")
    return made


@pytest.fixture(scope="session")
def keycloak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keycloak]:
    """A running Keycloak with the realms of the module's own words."""
    home = wanted("AUTHWIZARD_CI_KEYCLOAK", "keycloak-*")
    with _running(home, tmp_path_factory.mktemp("keycloak")) as made:
        yield _filled(made)
