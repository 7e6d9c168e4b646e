"""No secret of a recording is kept, wherever it stands and whoever quotes it."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from pathlib import Path

import pytest
from support.running import Run

from diagnostics.har import model
from diagnostics.har.model import mark
from diagnostics.har.read import parsed

SECRET = secrets.token_urlsafe(6) + "hunter"
CODE = secrets.token_urlsafe(20)


def _entry(asked: Mapping[str, object], answered: Mapping[str, object]) -> dict[str, object]:
    return {
        "request": {"method": "POST", "url": "https://app.test/cb", **asked},
        "response": {"status": 403, **answered},
    }


def _fields(**named: str) -> list[dict[str, str]]:
    return [{"name": n.replace("_", "-"), "value": v} for n, v in named.items()]


PLACES: dict[str, dict[str, object]] = {
    "json": {"postData": {"mimeType": "application/json", "text": json.dumps({"a": [{"password": SECRET}]})}},
    "multipart": {
        "postData": {
            "mimeType": "multipart/form-data; boundary=x",
            "text": f'--x\r\nContent-Disposition: form-data; name="pw"\r\n\r\n{SECRET}\r\n--x--',
        }
    },
    "basic": {"headers": _fields(Authorization=f"Basic {base64.b64encode(f'a:{SECRET}'.encode()).decode()}")},
    "own header": {"headers": _fields(X_Api_Key=SECRET)},
    "user of the address": {"url": f"https://me:{SECRET}@app.test/cb"},
    "within the redirect URI": {
        "url": f"https://app.test/cb?redirect_uri=https%3A%2F%2Fb.test%2F%3Fpw%3D{SECRET}"
    },
    "fragment": {"url": f"https://app.test/cb#access_token={SECRET}"},
    "cookie without a name": {"headers": _fields(Cookie=f"sid=1; {SECRET}")},
}


@pytest.mark.parametrize("where", PLACES)
def test_a_page_that_quotes_it(where: str) -> None:
    answer = {"content": {"mimeType": "text/html", "text": f"<p>csrf: you sent {SECRET} as it is</p>"}}
    found = parsed(json.dumps({"log": {"entries": [_entry(PLACES[where], answer)]}}).encode())
    assert SECRET not in repr(found)
    assert "csrf: you sent" in found.hops[0].says


def test_an_error_text_that_quotes_the_code() -> None:
    asked = {"url": f"https://app.test/cb?code={CODE}&error_description=the+code+{CODE}+is+used"}
    found = parsed(json.dumps({"log": {"entries": [_entry(asked, {})]}}).encode())
    assert CODE not in repr(found)
    assert found.hops[0].said("error_description").startswith("the code")


def test_a_mark_tells_nothing_to_who_guesses_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    before = mark("hunter2")
    assert mark("hunter2") == before != mark("hunter3")
    monkeypatch.setattr(model, "_KEY", b"of another run")
    assert mark("hunter2") != before


def test_two_cases_of_one_recording_do_not_differ(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"headers": _fields(Cookie=f"sid={SECRET}")}
    Path("a.har").write_text(json.dumps({"log": {"entries": [_entry(asked, {})]}}))
    run("doctor", "--har", "a.har", "--save", "a.json")
    monkeypatch.setattr(model, "_KEY", b"of another run")
    found = run("doctor", "--har", "a.har", "--compare", "a.json", "--json").json["compared"]
    assert found["differences"] == []
