"""The judgement of modes, for every mode there is."""

from __future__ import annotations

from dataclasses import replace

from files_support import NOBODY
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.facts.file import HERE, Look, Place, Seat
from diagnostics.files import TOO_OPEN, UNREADABLE, judge, mends

MODES = st.integers(0, 0o7777)
USERS = st.sampled_from([0, 1000, NOBODY])


@st.composite
def looks(draw: st.DrawFn) -> tuple[Place, Look]:
    """A file of some user, seen by some user, as the system would show it."""
    me, uid, mode = draw(USERS), draw(USERS), draw(MODES)
    seat = Seat("/home/x/.fleet-mcp", draw(MODES), draw(USERS), "somebody")
    place = Place(
        "/home/x/.fleet-mcp/auth_token", "the token",
        draw(st.sampled_from([0o600, 0o640, 0o644])), draw(st.sampled_from([0, 0o700, 0o750])),
        secret=draw(st.booleans()),
    )  # fmt: skip
    readable = me == 0 or bool(mode & (0o400 if me == uid else 0o004))
    look = Look(
        place.path, place.path, HERE, me, "me", mode, uid, "somebody",
        folder=seat, shelf=seat, readable=readable, identity=(1, 2),
    )  # fmt: skip
    return place, look


@given(looks())
def test_what_is_mended_is_in_order_and_nothing_is_opened(given_: tuple[Place, Look]) -> None:
    place, look = given_
    assert look.mode is not None
    assert look.folder is not None
    after, folder = look.mode, look.folder.mode
    for mend in mends(judge(place, look)):
        before = look.mode if mend.path == look.real else look.folder.mode
        assert mend.before == before
        assert not mend.after & 0o077 & ~before, "a mend never lets others in"
        assert look.me in ((look.uid if mend.path == look.real else look.folder.uid), 0), "only one's own"
        if mend.path == look.real:
            after = mend.after
            assert after & 0o400 or not before & 0o400, "the owner's own right to read stays"
        else:
            folder = mend.after
    seat = replace(look.folder, mode=folder)
    ours = look.me in (look.uid, 0) and look.me in (look.folder.uid, 0)
    readable = look.readable or (look.me == look.uid and bool(after & 0o400))
    again = judge(place, replace(look, mode=after, folder=seat, shelf=seat, readable=readable))
    assert not ours or TOO_OPEN not in [f.cause for f in again]
    assert look.me != look.uid or not any(f.stops for f in again)


@given(looks())
def test_what_others_may_do_is_a_fault_and_nothing_else_is(given_: tuple[Place, Look]) -> None:
    place, look = given_
    assert look.mode is not None
    assert look.folder is not None
    causes = [f.cause for f in judge(place, look)]
    file = look.mode & (0o077 if place.secret else 0o022) & ~place.mode
    sticky = look.folder.mode & 0o1000
    widest = place.folder_mode
    folder = look.folder.mode & 0o077 & ~widest if widest else look.folder.mode & 0o002 and not sticky
    assert causes.count(TOO_OPEN) == bool(file) + bool(folder)
    assert look.readable or causes[0] == UNREADABLE
    assert all(f.evidence and f.title and f.fix for f in judge(place, look))


def test_without_owners_and_modes_nothing_is_said_of_them() -> None:
    """Windows: every file looks as if everybody could write it."""
    seat = Seat("C:/x", 0o777, 0, "")
    look = Look("C:/x/auth_token", "C:/x/auth_token", HERE, -1, "", 0o666, 0, folder=seat, readable=True)
    assert judge(Place("C:/x/auth_token", "the token", folder_mode=0o700), look) == ()


def test_a_file_that_is_kept_back_by_something_else() -> None:
    look = Look("/x", "/x", HERE, 1000, "me", 0o600, 1000, "me")
    (fault,) = judge(Place("/x", "the token"), look)
    assert (fault.cause, fault.stops, fault.mend) == (UNREADABLE, True, None)
    assert "ls -Z" in fault.fix[0]
