"""The fact of a login, or a request for a token, that came to nothing."""

from __future__ import annotations

from dataclasses import dataclass

from wizard.livetest import PROVEN, Evidence


@dataclass(frozen=True, slots=True)
class LoginTold:
    """What the login itself found (`wizard.oauth.problems.OAuthProblem`): ``id`` is the id of a cause. Our own refusal
    is its proof, unless ``certainty`` says that it is likely only. ``fix`` and ``owner`` are empty where the
    cause's own hold."""

    id: str
    title: str
    detail: str = ""
    evidence: tuple[Evidence, ...] = ()
    fix: tuple[str, ...] = ()
    owner: str = ""
    certainty: str = PROVEN

    def seen(self) -> str:
        """The sentence."""
        return self.title


@dataclass(frozen=True, slots=True)
class LoginWay:
    """Where a login at this server would lead, by what is published: ``issuer`` (empty: nowhere) and whether it offers
    a login in the ``browser`` or by the code of a ``device``. ``problem`` is why each would fail."""

    issuer: str = ""
    browser: bool = False
    device: bool = False
    problem: LoginTold | None = None

    @property
    def open(self) -> bool:
        """Whether a person could log in."""
        return self.browser or self.device

    def seen(self) -> str:
        """To whom, and how."""
        if self.problem is not None:
            return self.problem.title
        if not self.open:
            return f"{self.issuer or 'nobody'} offers no login to a person"
        return f"{self.issuer}, {'in a browser' if self.browser else 'by a code'}"


@dataclass(frozen=True, slots=True)
class BasicCoding:
    """Client id and secret in the Authorization header without the form encoding of RFC 6749 section 2.3.1, where that
    changes them. ``characters`` are those that it changes, ``taken`` is whether a token was given so."""

    characters: str
    taken: bool

    def seen(self) -> str:
        """Whether it was taken."""
        return f"without form encoding it is {'taken' if self.taken else 'refused too'}"


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A login that was made, or that is kept, and gave the token that is sent. ``registration`` is ``dynamic`` where
    this program registered itself for it, else ``given``."""

    issuer: str
    client_id: str
    registration: str

    def seen(self) -> str:
        """Where."""
        return f"at {self.issuer}, as the client {self.client_id} ({self.registration})"
