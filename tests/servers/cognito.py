"""Amazon Cognito's tokens, as moto makes them: a user pool with an app client, and a person in groups.

Mark the tests ``@pytest.mark.real("python3")``; where `.ci/servers.sh` has not been run they are skipped with that
reason, and fail under CI. ``cognito`` is the fixture, started once per session and ended by pid:

* ``cognito.issuer``      the pool's, as Cognito names it: no address on loopback, and nothing is to be asked there
* ``cognito.jwks``        where the pool's keys are, on loopback
* ``cognito.client_id``   of the app client, which is public
* ``cognito.username``, ``cognito.groups``
* ``cognito.login()``     an access token and an ID token of one login (AdminInitiateAuth)

The tokens' claims are Cognito's; the key is moto's own, the same everywhere, so that they prove nothing but their
shape. https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
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

from .keycloak import GROUPS, wanted
from .real import free_port

_REGION: Final = "us-east-1"
_USERNAME: Final = "alice"
_PATIENCE: Final = 60.0


@dataclass
class Cognito:
    """A running pool; see the module's own words."""

    url: str
    password: str = field(repr=False)
    pool: str = ""
    client_id: str = ""
    username: str = _USERNAME
    groups: tuple[str, ...] = GROUPS

    @property
    def issuer(self) -> str:
        return f"https://cognito-idp.{_REGION}.amazonaws.com/{self.pool}"

    @property
    def jwks(self) -> str:
        return f"{self.url}/{self.pool}/.well-known/jwks.json"

    def ask(self, action: str, **words: object) -> dict[str, Any]:
        """An action of the user pools' API, by its JSON protocol; moto checks no signature."""
        headers = {
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": f"AWSCognitoIdentityProviderService.{action}",
        }
        answer = httpx.post(self.url, json=words, headers=headers, timeout=30, trust_env=False)
        assert answer.status_code == 200, answer.text
        return dict(answer.json() if answer.content else {})

    def login(self) -> tuple[Secret, Secret]:
        """The access token and the ID token."""
        done = self.ask(
            "AdminInitiateAuth",
            UserPoolId=self.pool,
            ClientId=self.client_id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": self.username, "PASSWORD": self.password},
        )["AuthenticationResult"]
        return Secret(done["AccessToken"]), Secret(done["IdToken"])

    def fill(self) -> None:
        """Make the pool, the client, the person and their groups."""
        self.pool = self.ask("CreateUserPool", PoolName="people")["UserPool"]["Id"]
        app = self.ask("CreateUserPoolClient", UserPoolId=self.pool, ClientName="app")
        self.client_id = app["UserPoolClient"]["ClientId"]
        person = {"UserPoolId": self.pool, "Username": self.username}
        email = {"Name": "email", "Value": f"{self.username}@people.example"}
        self.ask("AdminCreateUser", **person, UserAttributes=[email], MessageAction="SUPPRESS")
        self.ask("AdminSetUserPassword", **person, Password=self.password, Permanent=True)
        for group in self.groups:
            self.ask("CreateGroup", UserPoolId=self.pool, GroupName=group)
            self.ask("AdminAddUserToGroup", **person, GroupName=group)


@contextlib.contextmanager
def _served(log: Path) -> Iterator[str]:
    """Its address, from its first accepted connection until the block ends."""
    place, port = wanted("AUTHWIZARD_CI_MOTO", "moto"), free_port()
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "HOME")}
    with log.open("wb") as told:
        process = subprocess.Popen(
            [str(place / "bin/moto_server"), "-H", "127.0.0.1", "-p", str(port)],
            env={**kept, "AWS_DEFAULT_REGION": _REGION},
            stdout=told,
            stderr=told,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + _PATIENCE
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert process.poll() is None, log.read_text()[-2000:]
            assert time.monotonic() < deadline, "moto did not start"
            time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def cognito(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cognito]:
    """The pool of the module's own words."""
    with _served(tmp_path_factory.mktemp("moto") / "log") as url:
        # of every kind of character that a pool's own policy wants
        made = Cognito(url, f"{secrets.token_urlsafe(16)}aA1!")
        made.fill()
        yield made
