"""The differential: the same request with no credential, with a false one, and with the real one."""

from __future__ import annotations

from typing import Final

from .ask import Taken
from .log import Log

OPEN_TO_ALL: Final = "this server asks for no credential"


_ANSWER: Final = "an answer without a credential"


def no_answer(log: Log, taken: Taken) -> None:
    """The step ``no-credential`` of a server that did not answer the only request that can be made."""
    log.add(
        "no-credential", False, "an answer", taken.seen, taken.detail, seconds=taken.seconds, title=_ANSWER
    )


def only_question(log: Log, taken: Taken, *, requires: bool | None) -> None:
    """The step ``no-credential`` of an API to which no credential is sent: nothing else is asked, so it decides.
    A refusal is what a guarded service owes, an answer what an open one does."""
    if taken.accepted is None:
        seconds, expected = taken.seconds, "200, or 401"
        log.add("no-credential", False, expected, taken.seen, taken.detail, seconds=seconds, title=_ANSWER)
    elif taken.accepted and not requires:
        seen, detail = taken.seen, f"{OPEN_TO_ALL[:1].upper()}{OPEN_TO_ALL[1:]}."
        log.add("no-credential", True, "200, or 401", seen, detail, seconds=taken.seconds, title=_ANSWER)


def no_credential(log: Log, taken: Taken, *, wanted_open: bool, requires: bool | None) -> None:
    """The step ``no-credential``; with ``wanted_open`` the method is to send none, and that should do."""
    if wanted_open:
        title = "accepted without a credential"
        accepted = taken.accepted is True
        log.add(
            "no-credential", accepted, "200", taken.seen, taken.detail, seconds=taken.seconds, title=title
        )
        return
    if taken.accepted is None:
        log.add("no-credential", None, "401", taken.seen, taken.detail, seconds=taken.seconds)
    elif taken.accepted is False:
        log.add("no-credential", True, "401", taken.seen, taken.detail, seconds=taken.seconds)
    else:
        ok = False if requires else None
        log.add("no-credential", ok, "401", taken.seen, OPEN_TO_ALL, seconds=taken.seconds)


def false_credential(log: Log, taken: Taken, *, without: Taken, requires: bool | None) -> None:
    """The step ``false-credential``."""
    if taken.accepted is None:
        log.add("false-credential", None, "401", taken.seen, taken.detail, seconds=taken.seconds)
    elif taken.accepted is False:
        log.add("false-credential", True, "401", taken.seen, taken.detail, seconds=taken.seconds)
    elif without.accepted is False:
        detail = "It refuses who brings nothing and takes any credential: yours was not checked."
        log.add("false-credential", False, "401", taken.seen, detail, seconds=taken.seconds)
    else:
        ok = False if requires else None
        log.add("false-credential", ok, "401", taken.seen, OPEN_TO_ALL, seconds=taken.seconds)


def unchecked(without: Taken, false: Taken) -> str:
    """Why nobody has looked at the credential, as a sentence; empty where a false one, or none, is refused."""
    if false.accepted is not True:
        return ""
    if without.accepted is True:
        return f"{OPEN_TO_ALL[:1].upper()}{OPEN_TO_ALL[1:]}, and takes any: yours was not checked."
    return "This server takes any credential: yours was not checked."


def credential(log: Log, taken: Taken, *, decides: bool = False) -> None:
    """The step ``credential``. With ``decides`` nothing comes after it that would fail in its place."""
    detail = taken.detail
    if taken.reply is not None and taken.reply.status == 403:
        detail = detail or "It knows the credential and does not allow this."
    ok = taken.accepted
    if ok is None and (decides or (taken.reply is None and taken.error)):
        ok = False
        detail = detail or "It is no answer that shows that the credential is good."
    log.add("credential", ok, "200", taken.seen, detail, seconds=taken.seconds)
