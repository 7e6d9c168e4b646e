"""Registered clients are kept by issuer and by kind of redirect URI, and given for no other."""

from __future__ import annotations

import asyncio
import json
import secrets
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from rotating_issuer import rotating

from wizard import locks
from wizard.errors import FileProblem
from wizard.oauth import registered
from wizard.oauth.client_auth import OAuthClient
from wizard.oauth.model import ServerMetadata
from wizard.oauth.registered import Registered
from wizard.oauth.registration import Given, client_for
from wizard.secret import Secret
from wizard.transport import Transport

ISSUER = "https://idp.example/realms/one"
HERE = "http://127.0.0.1:3334/callback"


def a_client(issuer: str = ISSUER, redirect_uri: str = HERE, **more: object) -> Registered:
    made = {
        "client_id": secrets.token_hex(8),
        "authentication": "client_secret_basic",
        "client_secret": Secret(secrets.token_urlsafe(24)),
        "registration_access_token": Secret(secrets.token_urlsafe(24)),
        "registration_client_uri": f"{issuer}/clients/x",
        "issued_at": 1000.0,
    }
    return Registered(issuer=issuer, redirect_uri=redirect_uri, **{**made, **more})  # type: ignore[arg-type]  # made above


def test_a_client_comes_back_whole_and_its_file_holds_no_secret() -> None:
    client = a_client()
    registered.put(client)
    assert registered.get(ISSUER, HERE) == client
    assert registered.get(ISSUER, "http://127.0.0.1:50123/callback") == client, "a loopback's port may differ"
    text = registered.path().read_text()
    assert client.client_secret is not None and client.registration_access_token is not None
    assert client.client_secret.reveal() not in text
    assert client.registration_access_token.reveal() not in text
    assert stat.S_IMODE(registered.path().stat().st_mode) == 0o600
    assert registered.listed()[0].client_secret is None


@pytest.mark.parametrize(
    ("issuer", "redirect_uri"),
    [
        (ISSUER + "/", HERE),
        (ISSUER.upper(), HERE),
        ("https://idp.example:443/realms/one", HERE),
        ("https://idp.example/realms/two", HERE),
        (ISSUER, "http://localhost:3334/callback"),
        (ISSUER, "http://127.0.0.1:3334/other"),
        (ISSUER, "https://app.example:3334/callback"),
        (ISSUER, ""),
    ],
)
def test_it_is_given_for_nothing_else(issuer: str, redirect_uri: str) -> None:
    registered.put(a_client())
    assert registered.get(issuer, redirect_uri) is None


def test_a_secret_that_has_ended_is_not_given() -> None:
    registered.put(a_client(expires_at=5000.0))
    assert registered.get(ISSUER, HERE, now=4999) is not None
    assert registered.get(ISSUER, HERE, now=5000) is None
    registered.put(a_client(expires_at=0.0))
    assert registered.get(ISSUER, HERE, now=1e12) is not None, "0 is never (RFC 7591 section 3.2.1)"


def test_a_client_whose_secret_is_lost_is_not_given() -> None:
    registered.put(a_client())
    entry = json.loads(registered.path().read_text())["clients"][0]
    Path(entry["client_secret"].removeprefix("file:")).unlink()
    assert registered.get(ISSUER, HERE) is None


def test_a_new_one_replaces_the_old_one_with_its_secrets() -> None:
    registered.put(a_client())
    other = a_client("https://other.example")
    registered.put(other)
    public = a_client(client_secret=None, registration_access_token=None, authentication="none")
    entry = json.loads(registered.path().read_text())["clients"][0]
    registered.put(public)
    assert registered.get(ISSUER, HERE) == public
    assert registered.get("https://other.example", HERE) == other
    assert not Path(entry["client_secret"].removeprefix("file:")).exists()
    assert len(registered.listed()) == 2


def test_one_is_removed_with_its_secrets() -> None:
    client = a_client()
    registered.put(client)
    entry = json.loads(registered.path().read_text())["clients"][0]
    gone = registered.remove(ISSUER, HERE)
    assert gone is not None and gone.client_id == client.client_id
    assert registered.get(ISSUER, HERE) is None
    assert registered.remove(ISSUER, HERE) is None
    for field in ("client_secret", "registration_access_token"):
        assert not Path(entry[field].removeprefix("file:")).exists()


def test_what_a_newer_version_adds_stays() -> None:
    registered.put(a_client())
    raw = json.loads(registered.path().read_text())
    raw["more"] = 1
    raw["clients"][0]["note"] = "mine"
    registered.path().write_text(json.dumps(raw))
    registered.put(a_client())
    raw = json.loads(registered.path().read_text())
    assert (raw["more"], raw["clients"][0]["note"]) == (1, "mine")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"schema": 2, "clients": []}',
        '{"schema": 1}',
        '{"schema": 1, "clients": [{}]}',
        "[" * 9000,
    ],
)
def test_a_broken_file_is_left_as_it_is(text: str) -> None:
    registered.path().parent.mkdir(parents=True, exist_ok=True)
    registered.path().write_text(text)
    with pytest.raises(FileProblem):
        registered.get(ISSUER, HERE)
    with pytest.raises(FileProblem):
        registered.put(a_client(client_secret=None, registration_access_token=None))
    assert registered.path().read_text() == text


def test_an_address_that_holds_a_secret_is_not_kept() -> None:
    token = secrets.token_urlsafe(24)
    for address in (f"https://idp.example/clients?token={token}", f"https://x:{token}@idp.example/c"):
        answer = {"client_id": "made", "registration_client_uri": address}
        registered.KeptClients().put(ISSUER, HERE, OAuthClient("made", None, "none"), answer)
        assert token not in registered.path().read_text()
    whole = {"client_id": "made", "registration_access_token": token,
             "registration_client_uri": f"https://idp.example/clients/{token}"}  # fmt: skip
    registered.KeptClients().put(ISSUER, HERE, OAuthClient("made", None, "none"), whole)
    assert token not in registered.path().read_text()


def test_what_an_issuer_answered_is_kept_for_that_redirect_uri_alone() -> None:
    clients = registered.KeptClients()
    client = OAuthClient("made", Secret(secrets.token_urlsafe(16)), "client_secret_post")
    answer: dict[str, object] = {
        "client_id_issued_at": 1000,
        "client_secret_expires_at": 0,
        "registration_client_uri": "https://idp.example/clients/made",
        "registration_access_token": secrets.token_urlsafe(16),
    }
    clients.put(ISSUER, HERE, client, answer)
    assert clients.get(ISSUER, HERE) == client
    assert clients.get(ISSUER, "http://127.0.0.1:3335/callback") is None
    found = registered.get(ISSUER, HERE)
    assert found is not None and found.registration_access_token is not None
    assert found.registration_access_token.reveal() == answer["registration_access_token"]
    clients.put(ISSUER, HERE, client, {"client_secret_expires_at": "soon", "registration_access_token": 7})
    assert clients.get(ISSUER, HERE) == client
    clients.put(ISSUER, HERE, client, {"client_secret_expires_at": 1000})
    assert clients.get(ISSUER, HERE) is None, "its secret has ended"


_ONE_OF_MANY = """
import asyncio, sys
from wizard.oauth import registered
async def main():
    async with registered.registering(sys.argv[1]):
        if registered.get(sys.argv[1], sys.argv[2]) is None:
            print("registered")
            await asyncio.sleep(0)
            registered.put(registered.Registered(sys.argv[1], sys.argv[3], sys.argv[2]))
asyncio.run(main())
"""


def test_of_processes_started_at_once_one_registers() -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", _ONE_OF_MANY, ISSUER, HERE, f"client-{n}"],
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(4)
    ]
    said = [p.communicate(timeout=60)[0] for p in started]
    assert [p.returncode for p in started] == [0, 0, 0, 0]
    assert "".join(said).split() == ["registered"]
    assert len(registered.listed()) == 1


async def test_of_logins_at_once_one_registers() -> None:
    with rotating() as issuer:
        server = ServerMetadata(issuer.url, "", registration_endpoint=f"{issuer.url}/register")

        async def one() -> str:
            async with Transport() as transport:
                clients = registered.KeptClients()
                found = await client_for(server, Given(), HERE, transport, clients=clients)
                return found.client.id

        found = await asyncio.gather(*(one() for _ in range(4)))
        assert len(set(found)) == 1
        assert issuer.registrations == 1


@pytest.mark.parametrize("kernel", [True, False])
async def test_tasks_of_one_thread_take_turns(home: Path, kernel: bool) -> None:
    inside = 0
    waits: list[int] = []

    async def one(number: int) -> None:
        nonlocal inside
        async with locks.hold_async(home / "file", kernel=kernel, on_wait=lambda: waits.append(number)):
            inside += 1
            assert inside == 1
            await asyncio.sleep(0.02)
            inside -= 1

    await asyncio.gather(*(one(number) for number in range(4)))
    assert waits == [1, 2, 3], "each of the others hears of it once"


async def test_a_lock_that_stays_taken_ends_in_a_sentence() -> None:
    async with registered.registering(ISSUER):
        with pytest.raises(FileProblem) as busy:
            async with registered.registering(ISSUER, seconds=0.05):
                pass
        assert busy.value.id == "file-busy"
        async with registered.registering("https://other.example", seconds=0):
            pass
