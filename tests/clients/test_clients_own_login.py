"""A client that logs in by itself: its entry holds an address, at most a client id, and nothing secret."""

from __future__ import annotations

import json
import secrets
from typing import Any

import pytest

from wizard import export
from wizard.change import Change, Written
from wizard.entries import OwnLogin, RemotePlan, Slot
from wizard.errors import UsageError
from wizard.secret import Secret

FRESH = Slot("access_token", "C_ACCESS_TOKEN", fresh=True)
URL = "https://example.test/mcp"
TOKEN = Secret(secrets.token_urlsafe(32))
CLIENTS = ("claude-code", "cursor", "vscode", "claude-desktop")


def prepare(client: str, login: OwnLogin | None, how: str | None = None) -> Change:
    plan = RemotePlan("c", URL, {"Authorization": ("Bearer ", FRESH), "X-Plain": ("text",)}, login=login)
    return export.prepare(
        plan, "c", client, project=False, path=None, how=how, secrets={"access_token": TOKEN}
    )


def entry(change: Change) -> dict[str, Any]:
    document = json.loads(change.after or b"{}")
    found: dict[str, Any] = next(iter(document.values()))["c"]
    return found


@pytest.mark.parametrize("client", CLIENTS)
def test_it_is_the_safest_way_and_holds_no_token(client: str) -> None:
    change = prepare(client, OwnLogin())
    assert (change.how, change.references, change.proof_after) == ("oauth", (), "approve")
    assert TOKEN.reveal().encode() not in (change.after or b"")
    assert b"Authorization" not in (change.after or b"")
    assert any("log in" in act.lower() for act in change.next_act)
    assert "{name}" not in " ".join(change.next_act)


def test_each_in_its_own_form() -> None:
    login = OwnLogin("abc", 4455, ("read", "write"))
    claude = entry(prepare("claude-code", login, "oauth"))
    assert claude["oauth"] == {"clientId": "abc", "callbackPort": 4455, "scopes": "read write"}
    assert claude["headers"] == {"X-Plain": "text"}
    assert entry(prepare("cursor", login, "oauth"))["auth"] == {
        "CLIENT_ID": "abc",
        "scopes": ["read", "write"],
    }
    assert entry(prepare("vscode", login, "oauth"))["oauth"] == {"clientId": "abc"}
    desktop = entry(prepare("claude-desktop", login, "oauth"))
    assert any(word.startswith("mcp-remote@") for word in desktop["args"]) and URL in desktop["args"]


@pytest.mark.parametrize("client", CLIENTS)
def test_without_a_client_id_there_is_none(client: str) -> None:
    found = entry(prepare(client, OwnLogin()))
    assert "oauth" not in found and "auth" not in found


def test_with_a_client_id_the_helper_goes_before_it() -> None:
    # the client's own redirect URI has to be registered first
    assert prepare("claude-code", OwnLogin("abc")).how == "helper"


def test_a_client_with_a_secret_does_not_log_in_from_a_config() -> None:
    assert prepare("claude-code", OwnLogin("abc", secret=True)).how == "helper"
    with pytest.raises(UsageError) as refused:
        prepare("claude-code", OwnLogin("abc", secret=True), "oauth")
    assert refused.value.id == "way-not-possible"


def test_where_nobody_logs_in_there_is_no_such_way() -> None:
    assert prepare("claude-code", None).how == "helper"
    with pytest.raises(UsageError):
        prepare("claude-code", None, "oauth")


@pytest.mark.parametrize("client", CLIENTS)
def test_an_answer_here_is_no_proof_of_the_clients_own_login(client: str) -> None:
    from wizard import proof
    from wizard.entries import Remote
    from wizard.livetest import LiveTestReport

    tested = LiveTestReport(URL, True, ())
    own = proof.report(Written(prepare(client, OwnLogin()), None), Remote(URL, {}), tested)
    assert "logs in by itself" in own.why
    assert "`helper`" in own.why or client in ("vscode", "claude-desktop")
    assert own.as_json()["proof"]["why"] == own.why  # type: ignore[index]  # the contract's member
    assert own.acts == own.change.next_act and own.acts
    by_helper = proof.report(Written(prepare(client, OwnLogin("abc")), None), Remote(URL, {}), tested)
    assert (by_helper.why == "") is (by_helper.change.how != "oauth")
