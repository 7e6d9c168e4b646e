"""What the catalogue says of the practice services is what they answer to, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin

import httpx
import pytest

from sandbox.practice import Practice, start
from wizard import methods, paste
from wizard.catalogue import load
from wizard.choice import Choice
from wizard.secret import Secret

WAYS = [("faos", "api_token"), ("faos", "service_account"), ("fleet", "token_file"), ("fleet", "bearer")]


@pytest.fixture
def practice(home: object) -> Iterator[Practice]:
    load.cache_clear()
    with start() as running:
        yield running


def test_each_way_to_sign_in_is_taken_and_nothing_is_not(practice: Practice) -> None:
    for id, way in WAYS:
        service = load().get(id)
        place, method = service.environment("practice"), service.method(way)
        assert place is not None
        assert method is not None
        known = practice.services[id].credentials
        secrets = {f.id: known[f.id] for f in method.fields if f.secret}
        settings = {f.id: known[f.id].reveal() for f in method.fields if not f.secret}
        for field in method.fields:
            assert paste.look(known[field.id].reveal(), field) == ()
        live = place.live or service.live
        right = methods.headers(Choice(service, place, method, settings=settings, secrets=secrets))
        wrong = methods.headers(
            Choice(
                service,
                place,
                method,
                settings=settings,
                secrets={f: Secret("not-it-0123456789") for f in secrets},
            )
        )
        assert _status(place.url, live.health, {}) == 200
        assert _status(place.url, live.check, right) == 200, (id, way)
        assert _status(place.url, live.check, wrong) == 401
        assert _status(place.url, live.check, {}) == 401


def test_every_practice_service_is_an_environment(practice: Practice) -> None:
    for id, running in practice.services.items():
        place = load().get(id).environment("practice")
        assert place is not None
        assert place.url == running.url


def _status(url: str, path: str, headers: dict[str, Secret]) -> int:
    sent = {name: value.reveal() for name, value in headers.items()}
    return httpx.get(urljoin(url, path), headers=sent, trust_env=False, timeout=10).status_code
