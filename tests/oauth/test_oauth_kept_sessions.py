"""A kept login is renewed once, by one, and never lost: against an issuer that rotates, and ends a family on reuse."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kept_support import AGAIN, chosen, current, fails, saved
from rotating_issuer import Issuer, basic, refused

from wizard import connections, locks
from wizard.connections import Connection
from wizard.errors import JobError, TransportError, UsageError
from wizard.oauth import kept, sessions
from wizard.oauth.dpop import Prover
from wizard.secret import Secret


async def test_a_valid_token_is_given_as_it_is(issuer: Issuer) -> None:
    login = issuer.login(expires_at=time.time() + 3600)
    assert await current(saved(issuer, login)) == login
    login = issuer.login(expires_at=None)
    assert await current(saved(issuer, login)) == login, "its end was not said, so only the resource can tell"
    assert issuer.asked == []


async def test_a_spent_one_is_renewed_and_the_new_refresh_token_kept(issuer: Issuer) -> None:
    choice = saved(issuer)
    before = sessions.read("notes")
    got = await current(choice)
    after = sessions.read("notes")
    assert after.login == got
    assert issuer.live(got.access_token.reveal())
    assert got.refresh_token == Secret(issuer.families[0].now)
    assert got.refresh_token != before.login.refresh_token
    assert got.expires_at is not None and 3590 < got.expires_at - time.time() <= 3600
    assert (after.made_at, after.begun_at) == (before.made_at, 0)
    form = issuer.asked[0]
    assert form["resource"] == issuer.mcp, "RFC 8707, also of a refresh (MCP-C9)"
    assert form["client_id"] == "client"
    assert "scope" not in form, "what was granted stays granted (RFC 6749 section 6)"
    assert await current(choice) == got
    assert len(issuer.asked) == 1


async def test_where_no_new_one_comes_the_old_one_stays(issuer: Issuer) -> None:
    issuer.rotates = False
    choice = saved(issuer)
    before = sessions.read("notes").login
    issuer.instead.append((200, {"access_token": "x" * 8, "token_type": "bearer"}))
    got = await current(choice)
    assert got.refresh_token == before.refresh_token, "RFC 6749 section 6"
    assert got.scopes == before.scopes
    assert got.expires_at is None


async def test_the_client_shows_the_secret_that_the_connection_has_now(issuer: Issuer, put: Any) -> None:
    login = issuer.login(client_secret=Secret("former"), authentication="client_secret_basic")
    choice = saved(issuer, login, client_id="client")
    await current(choice)
    assert basic(issuer.headers[0]) == ("client", "former")
    kept.keep("notes", replace(login, refresh_token=Secret(issuer.families[0].now)))
    held = connections.get("notes")
    connections.save(replace(held, secrets={**held.secrets, "client_secret": put("renewed")}))
    await current(chosen())
    assert basic(issuer.headers[1]) == ("client", "renewed")
    assert "client_id" not in issuer.asked[1] or "client_secret" not in issuer.asked[1]


async def test_a_secret_of_another_client_does_not_go_along(issuer: Issuer, put: Any) -> None:
    login = issuer.login(client_secret=Secret("registered"), authentication="client_secret_basic")
    choice = saved(issuer, login, client_id="another")
    await current(replace(choice, secrets={**choice.secrets, "client_secret": Secret("of-another")}))
    assert basic(issuer.headers[0]) == ("client", "registered")


async def test_a_secret_for_another_issuer_does_not_go_along(issuer: Issuer) -> None:
    """The connection names another issuer since, with a secret for that one; the login is still of the former."""
    login = issuer.login(client_secret=Secret("of-then"), authentication="client_secret_basic")
    choice = saved(issuer, login, client_id="client")
    settings = {**choice.settings, "issuer": "https://another.example"}
    given = {**choice.secrets, "client_secret": Secret("for-another")}
    await current(replace(choice, settings=settings, secrets=given))
    assert basic(issuer.headers[0]) == ("client", "of-then")


async def test_a_bound_login_shows_its_key(issuer: Issuer) -> None:
    prover = Prover()
    login = issuer.login(token_type="DPoP", dpop_key=prover.key)
    choice = saved(issuer, login)
    issuer.instead.append((200, {"access_token": "x" * 8, "token_type": "DPoP", "refresh_token": "y" * 8}))
    got = await current(choice)
    assert (got.token_type, got.dpop_key) == ("DPoP", prover.key)
    assert issuer.headers[0]["dpop"].count(".") == 2


async def test_tasks_at_once_share_one_refresh(issuer: Issuer) -> None:
    choice = saved(issuer)
    got = await asyncio.gather(*(current(choice) for _ in range(5)))
    assert len({login.access_token for login in got}) == 1
    assert (issuer.grants, issuer.reuses) == (1, 0)


async def test_threads_at_once_share_one_refresh(issuer: Issuer) -> None:
    choice = saved(issuer)
    got = await asyncio.gather(*(asyncio.to_thread(lambda: asyncio.run(current(choice))) for _ in range(3)))
    assert len({login.access_token for login in got}) == 1
    assert (issuer.grants, issuer.reuses) == (1, 0)


async def test_a_short_life_is_shared_as_well(issuer: Issuer) -> None:
    issuer.lifetime = 4
    choice = saved(issuer)
    got = await asyncio.gather(*(current(choice) for _ in range(4)))
    assert len({login.access_token for login in got}) == 1
    assert issuer.grants == 1


_ROUND = """
import asyncio, sys, json
from dataclasses import replace
from wizard import connections
from wizard.oauth import complete
from wizard.transport import Transport
async def main():
    connection = connections.get("notes")
    choice = replace(connections.choice(connection), secrets=connections.secrets_of(connection))
    async with Transport(timeout=20) as transport:
        print((await complete(choice, transport=transport))["access_token"].reveal())
asyncio.run(main())
"""


def processes(count: int) -> list[subprocess.Popen[str]]:
    return [
        subprocess.Popen(
            [sys.executable, "-c", _ROUND], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(count)
    ]


def test_processes_at_once_share_one_refresh(issuer: Issuer) -> None:
    saved(issuer)
    started = processes(3)
    said = [p.communicate(timeout=60) for p in started]
    assert [p.returncode for p in started] == [0, 0, 0], said
    assert {out.strip() for out, _ in said} == {issuer.families[0].access}
    assert (issuer.grants, issuer.reuses) == (1, 0)


async def test_a_process_that_dies_while_it_renews_holds_nobody_up(issuer: Issuer) -> None:
    choice = saved(issuer)
    issuer.gate.clear()
    (process,) = processes(1)
    assert await asyncio.to_thread(issuer.came.wait, 30)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=10)
    issuer.gate.set()
    assert issuer.grants == 1, "the answer never reached the one that was killed"
    problem = await fails(choice)
    assert problem.id == "refresh-token-reused-by-concurrent-processes"
    assert "cut off" in problem.title
    assert problem.fix[0] == "Log in again: authwizard login notes"


async def test_a_job_that_is_called_off_still_writes_what_it_was_given(issuer: Issuer) -> None:
    choice = saved(issuer)
    issuer.gate.clear()
    job = asyncio.create_task(current(choice))
    assert await asyncio.to_thread(issuer.came.wait, 30)
    job.cancel()
    asyncio.get_running_loop().call_later(0.05, issuer.gate.set)
    with pytest.raises(asyncio.CancelledError):
        await job
    assert sessions.read("notes").login.refresh_token == Secret(issuer.families[0].now)
    assert (await current(choice)).access_token == Secret(issuer.families[0].access)
    assert (issuer.grants, issuer.reuses) == (1, 0)


async def test_where_it_cannot_be_written_the_refresh_token_is_not_used(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    choice = saved(issuer)
    full = kept.put

    def refuse(*_: object, **__: object) -> Connection:
        raise JobError("cannot-write", "There is no room.")

    monkeypatch.setattr(kept, "put", refuse)
    assert (await fails(choice)).id == "cannot-write"
    assert issuer.asked == []
    monkeypatch.setattr(kept, "put", full)
    await current(choice)


async def test_an_issuer_that_is_not_there_costs_nothing(issuer: Issuer) -> None:
    login = issuer.login(endpoints={"token_endpoint": "http://127.0.0.1:1/token"})
    choice = saved(issuer, login)
    before = sessions.read("notes")
    problem = await fails(choice)
    assert isinstance(problem, TransportError)
    assert "kept as it is" in problem.detail
    assert sessions.read("notes") == before


async def test_an_answer_that_never_comes_leaves_the_login_and_a_mark(issuer: Issuer) -> None:
    choice = saved(issuer)
    issuer.gate.clear()
    issuer.instead.append((200, {}))
    problem = await fails(choice, timeout=0.3)
    issuer.gate.set()
    assert problem.id == "timeout"
    held = sessions.read("notes")
    assert held.begun_at > 0
    assert held.refused is None
    got = await current(choice)
    assert issuer.live(got.access_token.reveal())
    assert sessions.read("notes").begun_at == 0


async def test_a_token_that_is_good_for_a_while_is_given_though_it_cannot_be_renewed(issuer: Issuer) -> None:
    now = time.time()
    login = issuer.login(expires_at=now + 30)
    choice = saved(issuer, login)
    kept.put("notes", replace(kept.fresh(login), got_at=now - 3600))
    issuer.instead.append(refused("invalid_grant"))
    assert await current(choice, now=now) == login
    assert sessions.read("notes").refused is not None
    assert await current(choice, now=now + 1) == login
    assert len(issuer.asked) == 1
    assert (await fails(choice, now=now + 31)).id == "refresh-token-expired-or-revoked"


async def test_without_a_refresh_token_the_end_is_the_end(issuer: Issuer) -> None:
    problem = await fails(saved(issuer, issuer.login(refresh_token=None)))
    assert problem.id == "offline-access-missing"
    assert problem.fix[0] == AGAIN
    assert "offline_access" in problem.fix[1]
    kept.keep("notes", issuer.login(refresh_token=None, asked=("read", "offline_access")))
    problem = await fails(chosen())
    assert (problem.id, problem.fix) == ("access-token-expired", (AGAIN,)), "it was asked for, and not given"
    assert issuer.asked == []


async def test_who_never_logged_in_is_told_so(issuer: Issuer) -> None:
    connections.save(Connection("notes", "mcp", "own", issuer.mcp, "authorization_code"))
    problem = await fails(chosen())
    assert (problem.id, problem.fix) == ("not-logged-in", ("Log in: authwizard login notes",))


async def test_a_refresh_token_goes_to_no_plain_http_address(issuer: Issuer) -> None:
    login = issuer.login(endpoints={"token_endpoint": "http://idp.example/token"})
    choice = saved(issuer, login)
    before = sessions.read("notes")
    problem = await fails(choice)
    assert isinstance(problem, UsageError)
    assert problem.id == "token-endpoint-not-https"
    assert sessions.read("notes") == before


async def test_a_lock_that_stays_taken_is_named(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    choice = saved(issuer)
    monkeypatch.setattr(sessions, "SECONDS", 0.05)
    with locks.hold(connections.lock_of_login("notes")):
        problem = await fails(choice)
    assert problem.id == "refresh-busy"
    assert issuer.asked == []


async def test_a_connection_is_not_renamed_while_its_login_is_renewed(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    choice = saved(issuer)
    issuer.gate.clear()
    job = asyncio.create_task(current(choice))
    assert await asyncio.to_thread(issuer.came.wait, 30)
    renaming = asyncio.create_task(asyncio.to_thread(connections.rename, "notes", "papers"))
    asyncio.get_running_loop().call_later(0.05, issuer.gate.set)
    await job
    await renaming
    assert sessions.read("papers").login.refresh_token == Secret(issuer.families[0].now)


def test_nothing_of_a_login_stands_in_the_file_of_connections(issuer: Issuer, home: Path) -> None:
    login = issuer.login()
    saved(issuer, login)
    text = connections.path().read_text()
    assert all(secret.reveal() not in text for secret in sessions.secrets_of(login))
