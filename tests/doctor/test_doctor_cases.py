"""A case that is saved: no secret in it, the same findings again, beside another's, and the request for a shell."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oddities.odd_server import Odd, OddServer, served
from support.examples import examples
from support.running import Put, Run

from commands.output import to_json
from diagnostics import case
from diagnostics.compared_words import sentences
from diagnostics.doctor import Diagnosis
from wizard.errors import FileProblem


@pytest.fixture
def server() -> Iterator[OddServer]:
    with served(Odd()) as running:
        yield running


def _others(server: OddServer) -> str:
    return server.issue(aud="https://elsewhere.test/mcp")


@pytest.mark.row("A11")
def test_judged_again_it_is_the_same_and_no_secret_stands_in_it(
    run: Run, put: Put, server: OddServer, home: Path
) -> None:
    token = _others(server)
    found = run("doctor", server.mcp, "--credential", put(token), "--save", "a case.json", "--json")
    text = Path("a case.json").read_text()
    assert token not in text and token.rpartition(".")[2] not in text
    again = run("doctor", "--replay", "a case.json", "--json")
    assert (again.code, again.causes) == (found.code, found.causes) == (1, ["audience-not-bound-to-resource"])
    assert again.json["exchanges"] == found.json["exchanges"]
    said = run("doctor", server.mcp, "--credential", put(token), "--save", "a case.json")
    assert "Saved: a case.json. No secret stands in it" in said.out


@pytest.mark.parametrize("how", ["basic", "api_key_query", "headers"])
def test_no_secret_of_any_kind_stands_in_it(
    run: Run, put: Put, server: OddServer, home: Path, how: str
) -> None:
    value = secrets.token_urlsafe(30)
    given = {
        "basic": ("--set", "username=anna", "--secret", f"password={put(value)}"),
        "api_key_query": ("--secret", f"query.key={put(value)}"),
        "headers": ("--secret", f"header.X-Key={put(value)}"),
    }
    run("doctor", server.mcp, "--method", how, *given[how], "--save", "case.json")
    text = Path("case.json").read_text()
    assert value not in text
    assert value[5:25] not in text


def test_a_target_or_a_credential_does_not_go_with_it(run: Run, server: OddServer) -> None:
    run("doctor", server.mcp, "--save", "case.json")
    for more in ([server.mcp], ["--set", "a=b"], ["--save", "other.json"]):
        found = run("doctor", *more, "--replay", "case.json", "--json")
        assert (found.code, found.json["error"]["id"]) == (2, "wrong-usage")
    assert run("doctor", "--all", "--save", "x.json", "--json").json["error"]["id"] == "wrong-usage"


@pytest.mark.parametrize(
    ("content", "id"),
    [
        (b"", "no-case"),
        (b"[]", "no-case"),
        (b"{}", "no-case"),
        (b'{"case": 1}', "no-case"),
        (b'{"case": 2}', "newer-case"),
        (b"\xff\xfe", "file-not-utf8"),
        (b"[" * 100_000, "no-case"),
    ],
    ids=["empty", "list", "object", "bare", "newer", "bytes", "deep"],
)
def test_what_is_no_case_is_said(run: Run, content: bytes, id: str) -> None:
    Path("case.json").write_bytes(content)
    found = run("doctor", "--replay", "case.json", "--json")
    assert (found.code, found.json["error"]["id"]) == (1, id)
    assert run("doctor", "--replay", "none.json", "--json").json["error"]["id"] == "file-missing"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.slow
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=examples(60)
)
@given(data=st.data())
def test_whatever_stands_in_it_is_a_case_or_none(
    data: st.DataObject, run: Run, put: Put, server: OddServer, home: Path
) -> None:
    if not Path("case.json").exists():
        run("doctor", server.mcp, "--credential", put(_others(server)), "--save", "case.json")
    document = json.loads(Path("case.json").read_text())
    place = document
    for _ in range(data.draw(st.integers(0, 3))):
        inner = [k for k, v in place.items() if isinstance(v, dict) and v]
        if not inner:
            break
        place = place[data.draw(st.sampled_from(inner))]
    place[data.draw(st.sampled_from(list(place)))] = data.draw(_JSON)
    try:
        found = case.of_text(json.dumps(document), "case.json")
    except FileProblem as problem:
        assert problem.id in ("no-case", "newer-case")
    else:
        Path("other.json").write_text(case.to_text(found.document))
        again = run("doctor", "--replay", "other.json", "--json")
        assert again.code in (0, 1)
        assert to_json(again.json)


@pytest.mark.row("A13")
def test_what_differs_from_anothers_case_is_said(run: Run, put: Put, server: OddServer, home: Path) -> None:
    run("doctor", server.mcp, "--credential", put(server.issue(scope="read write")), "--save", "theirs.json")
    words = ("doctor", server.mcp, "--credential", put(_others(server)), "--compare", "theirs.json")
    found = run(*words, "--json").json["compared"]
    assert found["only_here"] == ["audience-not-bound-to-resource"]
    assert found["only_there"] == []
    told = {d["what"].rpartition(" ")[2]: (d["here"], d["there"]) for d in found["differences"]}
    assert told["claims.aud"] == ("https://elsewhere.test/mcp", server.mcp)
    assert told["claims.scope"] == ("read", "read write")
    text = run(*words).out
    assert "It is broken here, and was healthy there." in text
    assert re.search(r"Found here alone: Your token's audience .*\(audience-not-bound-to-resource\)", text)
    assert f"The token's audience: here https://elsewhere.test/mcp, there {server.mcp}." in text
    assert "The token's scopes: here read, there read write." in text
    assert re.search(r"The request with your credential: here 401 .*, there 404 .*\(it was let in\)\.", text)
    beside = text.partition("Beside ")[2]
    for word in ("claims.", "no answer", "[]", "challenges", "  here:"):
        assert word not in beside, beside
    assert re.search(r"\d+ details differ; --json names them\.", beside)


@pytest.mark.parametrize(("here", "there", "said"), [
    ({"used 1.look.mode": "420", "used 1.look.identity": "[1, 2]"}, {"used 1.look.mode": "384"},
     ["The mode of the credential's file: here 0644, there 0600."]),
    ({"used 1.look.inodes": "1"}, {"used 1.look.inodes": "2"}, []),
    ({}, {"used 1.look.mode": "384"}, []),
])  # fmt: skip
def test_what_does_not_matter_to_a_login_is_no_sentence(
    here: dict[str, str], there: dict[str, str], said: list[str]
) -> None:
    one = Diagnosis("it", "healthy", (), (), (), (), (), 0.0)
    assert list(sentences(one, one, [("TokenFiles", here, there)])) == said


def test_where_nothing_differs_that_is_said(run: Run, put: Put, server: OddServer, home: Path) -> None:
    source = put(server.issue())
    run("doctor", server.mcp, "--credential", source, "--save", "theirs.json")
    found = run("doctor", server.mcp, "--credential", source, "--compare", "theirs.json")
    assert (found.code, "they do not differ in anything that lasts" in found.out) == (0, True), found.out


def test_the_report_says_what_to_send_to_whom(run: Run, put: Put, server: OddServer, home: Path) -> None:
    words = ("doctor", server.mcp, "--credential", put(_others(server)))
    found = run(*words, "--markdown")
    assert "## To send: the identity provider's admin must act" in found.out
    assert "> To the identity provider's admin, about " in found.out
    assert "curl" in found.out
    assert run(*words, "--json").json["letters"][0]["to"] == "idp-admin"
    assert run(*words, "--markdown", "--json").code == 2
    healthy = run("doctor", server.mcp, "--credential", put(server.issue()), "--json")
    assert (healthy.json["letters"], healthy.json["reproduce"]) == ([], None)


@pytest.mark.real("curl", "bash")
def test_the_line_for_a_shell_puts_the_same_request(
    run: Run, put: Put, server: OddServer, home: Path
) -> None:
    token = _others(server)
    line = run("doctor", server.mcp, "--credential", put(token), "--json").json["reproduce"]
    assert token not in line
    server.asked.clear()
    bash = shutil.which("bash")
    assert bash
    done = subprocess.run(
        [bash, "-c", line], input=f"Bearer {token}\n", capture_output=True, text=True, timeout=60, check=False
    )
    assert " 401 " in done.stdout.splitlines()[0], done.stderr
    assert server.asked[0].headers["authorization"] == f"Bearer {token}"
    assert server.asked[0].message["method"] == "initialize"
