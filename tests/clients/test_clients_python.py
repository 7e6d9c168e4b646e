"""LangChain and OpenAI: programs to take along, and the tool of a request. The programs themselves are run by their own
packages in `test_clients_judged_real.py`."""

from __future__ import annotations

import ast
import json
import secrets
from pathlib import Path

import pytest

from wizard import clients, export
from wizard.entries import EntryPlan, RemotePlan, Slot, StdioPlan
from wizard.errors import FileProblem, UsageError
from wizard.secret import Secret

SLOT = Slot("token", "SOME_TOKEN")
REMOTE = RemotePlan(
    "fleet", "https://a.test/mcp", {"Authorization": ("Bearer ", SLOT), "X-Tenant": ("prod",)}
)
STDIO = StdioPlan("faos_prod", ("faos-mcp", "--a b"), {"FAOS_API_TOKEN": (SLOT,)})


def _change(
    client: str,
    plan: EntryPlan,
    *,
    path: Path | None = None,
    how: str | None = None,
    secret: Secret | None = None,
) -> export.Change:
    given = {"token": secret or Secret(secrets.token_urlsafe())}
    return export.prepare(plan, "c", client, project=False, path=path, how=how, secrets=given)


@pytest.mark.row("G5")
@pytest.mark.parametrize("client", ["langchain", "openai"])
@pytest.mark.parametrize("plan", [REMOTE, STDIO], ids=["remote", "stdio"])
@pytest.mark.parametrize("how", [None, "helper", "env"])
def test_without_a_path_the_program_is_the_answer_and_holds_no_secret(
    client: str, plan: EntryPlan, how: str | None
) -> None:
    secret = Secret(secrets.token_urlsafe(24))
    change = _change(client, plan, how=how, secret=secret)
    answer = export.ExportReport(change).as_json()
    text = str(answer["text"])
    assert answer["path"] is None
    ast.parse(text)
    assert secret.reveal() not in json.dumps(answer)
    assert ("os.environ['SOME_TOKEN']" in text) == (how == "env")
    assert plan.name in text


@pytest.mark.parametrize("client", ["langchain", "openai"])
def test_the_secret_itself_is_written_only_on_demand_and_for_its_owner_alone(client: str) -> None:
    secret = Secret(secrets.token_urlsafe() + "\"\\'{x}")
    with pytest.raises(UsageError) as caught:
        _change(client, REMOTE, how="inline")
    assert caught.value.id == "inline-needs-path"
    path = Path("ask.py")
    change = _change(client, REMOTE, path=path, how="inline", secret=secret)
    assert secret.reveal() not in change.diff
    export.read_back(export.write(change))
    assert path.stat().st_mode & 0o777 == 0o600
    held = {
        n.value for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Constant)
    }
    assert f"Bearer {secret.reveal()}" in held
    assert not _change(client, REMOTE, path=path, how="inline", secret=secret).changed


@pytest.mark.parametrize("client", ["langchain", "openai"])
def test_a_program_of_somebody_else_is_not_written_over(client: str) -> None:
    path = Path("agent.py")
    path.write_text("print('mine')\n", encoding="utf-8")
    with pytest.raises(FileProblem, match="something else"):
        _change(client, REMOTE, path=path)
    assert path.read_text(encoding="utf-8") == "print('mine')\n"


def test_a_name_cannot_end_the_program_s_first_line() -> None:
    plan = RemotePlan('x""" + evil() + """\n\\', "https://a.test/mcp")
    text = _change("langchain", plan).text or ""
    tree = ast.parse(text)
    assert not any(isinstance(n, ast.Name) and n.id == "evil" for n in ast.walk(tree))


@pytest.mark.row("L2")
def test_a_request_gets_its_tool_beside_those_that_are_there() -> None:
    path, secret = Path("request.json"), Secret(secrets.token_urlsafe())
    before = '{\n  "model": "m",\n  "tools": [\n    {"type": "web_search"}\n  ]\n}\n'
    path.write_text(before, encoding="utf-8")
    plan = RemotePlan("fleet", "https://a.test/mcp", {"Authorization": ("Bearer ", SLOT)})
    change = _change("openai", plan, path=path, how="inline", secret=secret)
    assert secret.reveal() not in change.diff
    export.write(change)
    tools = json.loads(path.read_text(encoding="utf-8"))["tools"]
    wanted = {
        "type": "mcp",
        "server_label": "fleet",
        "server_url": "https://a.test/mcp",
        "authorization": secret.reveal(),
        "require_approval": "always",
    }
    assert tools == [{"type": "web_search"}, wanted]
    again = _change("openai", plan, path=path, how="inline", secret=secret)
    assert not again.changed
    other = Secret(secrets.token_urlsafe())
    export.write(_change("openai", REMOTE, path=path, how="inline", secret=other))
    (_, tool) = json.loads(path.read_text(encoding="utf-8"))["tools"]
    assert tool["headers"] == {"Authorization": f"Bearer {other.reveal()}", "X-Tenant": "prod"}


def test_a_request_refers_to_nothing() -> None:
    with pytest.raises(UsageError, match="holds the value itself"):
        _change("openai", REMOTE, path=Path("request.json"))
    assert _change("openai", RemotePlan("open", "https://a.test/mcp"), path=Path("request.json")).changed


def test_a_request_names_no_program() -> None:
    with pytest.raises(UsageError, match="cannot start"):
        _change("openai", STDIO, path=Path("request.json"), how="inline")


@pytest.mark.parametrize("client", ["langchain", "openai"])
def test_they_speak_mcp_and_are_no_files_of_this_machine(client: str) -> None:
    held = clients.get(client)
    assert held.mcp
    assert held.path(True) is None
    assert held.path(False) is None
    with pytest.raises(UsageError):
        export.prepare(
            RemotePlan("api", "https://a.test", speaks="api"),
            "c",
            client,
            project=False,
            path=None,
            how=None,
            secrets={},
            speaks="api",
        )
