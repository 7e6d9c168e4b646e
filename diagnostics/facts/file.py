"""Facts about the files in which credentials lie. No content of a file is in them, but for the one value that is
compared in memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from wizard.secret import Secret

HERE = "here"
MISSING = "missing"
CLOSED = "closed"
STRANGE = "strange"
LOOP = "loop"

EMPTY = "empty"
NOT_JSON = "not-json"
NO_VALUE = "no-value"
NOT_TEXT = "not-text"


@dataclass(frozen=True, slots=True)
class Seat:
    """A folder: ``mode`` are its permission bits, ``uid`` its owner."""

    path: str
    mode: int
    uid: int
    owner: str


@dataclass(frozen=True, slots=True)
class Place:
    """A file that ought to be looked at, and what is expected of it; fields as in `wizard.services.CredentialFile`.

    ``what`` is a clause without an article's capital, ``wanted`` is True where somebody refers to it, so that its
    absence is a fault. ``form`` may also be ``value``: one credential, alone or in JSON; or ``by-name``: JSON (with
    comments) where it is called so. ``field`` names the JSON field
    that holds it. ``secret`` is False for a file that only must not be changed by others.
    """

    path: str
    what: str
    mode: int = 0o600
    folder_mode: int = 0
    form: str = "any"
    server: bool = False
    wanted: bool = False
    field: str = ""
    secret: bool = True


@dataclass(frozen=True, slots=True)
class LockFile:
    """A lock file, and the process that it names, which does not run."""

    path: str
    pid: int


@dataclass(frozen=True, slots=True)
class Look:
    """What could be seen of one file, without anything of its content.

    ``state`` is ``here``, ``missing``, ``closed`` (a folder above may not be searched: ``blocked``), ``strange`` (no
    regular file; ``kind`` says what), or ``loop`` (links without an end). ``mode`` are permission bits, ``uid`` the
    owner; ``me`` is the effective uid of who looks, ``us`` its name. ``link`` is the symbolic link met first,
    ``link_uid`` its owner, ``foreign`` True where it is somebody else's and was not followed; ``outside`` True where it
    leads out of the home.

    ``folder`` is that of the file itself, ``shelf`` that of the name which was asked for: where a link leads elsewhere,
    they are two; ``above`` are folders further up, below the home, in which everybody may write. ``acl`` are the users
    and groups that an access list lets in, in words, ``acl_alone`` True where the owning group itself has no right.
    ``synced`` is the service that copies the folder ``synced_in`` to other machines; ``lock`` one of a dead process.
    ``content`` is ``""`` (in
    order, or not looked at), ``empty``, ``not-json``, ``no-value`` or ``not-text``, with ``flaw`` saying where.
    ``links`` is the number of its names (hard links).
    ``modified`` and ``created`` (the file's own ``created_at``) are seconds since 1970. ``version`` is ``""``,
    ``tracked`` or ``unignored`` in the work tree ``tree``. ``room`` are the bytes, ``inodes`` the files
    that the disk still takes; ``fleeting`` is True on a file system that is gone at a restart.
    """

    path: str
    real: str
    state: str
    me: int
    us: str = ""
    mode: int | None = None
    uid: int | None = None
    owner: str = ""
    kind: str = ""
    folder: Seat | None = None
    shelf: Seat | None = None
    blocked: Seat | None = None
    readable: bool = False
    link: str = ""
    link_uid: int | None = None
    foreign: bool = False
    outside: bool = False
    above: tuple[Seat, ...] = ()
    acl: tuple[str, ...] = ()
    acl_alone: bool = False
    synced: str = ""
    synced_in: str = ""
    lock: LockFile | None = None
    size: int = 0
    identity: tuple[int, int] = (0, 0)
    links: int = 1
    modified: float | None = None
    created: float | None = None
    content: str = ""
    flaw: str = ""
    version: str = ""
    tree: str = ""
    room: int | None = None
    inodes: int | None = None
    fleeting: bool = False
    value: Secret | None = field(default=None, repr=False)

    @property
    def octal(self) -> str:
        """The mode in four digits; empty where none was seen."""
        return "" if self.mode is None else f"{self.mode:04o}"

    @property
    def full(self) -> bool:
        """Whether the disk takes nothing more."""
        return self.room == 0 or self.inodes == 0


@dataclass(frozen=True, slots=True)
class Listener:
    """The process that listens where the target is, on this machine: since when it runs (seconds since 1970), and
    the credential file that its environment names."""

    pid: int
    started: float
    names: str = ""


@dataclass(frozen=True, slots=True)
class TokenFile:
    """One file with the field that is read from it (empty: the service's own file, which this target does not read)."""

    place: Place
    look: Look
    field: str = ""


@dataclass(frozen=True, slots=True)
class TokenFiles:
    """The files behind a target: ``used`` are read for it, ``beside`` are the service's own on this machine.

    ``local`` is True where the target's host is this machine; ``copied`` when the value in use was written down, if
    it is a copy; ``value`` is that value.
    """

    used: tuple[TokenFile, ...]
    beside: tuple[TokenFile, ...] = ()
    local: bool = False
    listener: Listener | None = None
    copied: float | None = None
    value: Secret | None = field(default=None, repr=False)

    def seen(self) -> str:
        """The files and their modes."""
        shown = [f"{f.look.path} {f.look.octal or f.look.state}" for f in (*self.used, *self.beside)]
        return ", ".join(shown) or "no file is involved"


def _others(count: int) -> str:
    return "1 other keeps" if count == 1 else f"{count} others keep"


@dataclass(frozen=True, slots=True)
class Sharing:
    """Other saved connections that keep the same secret: ``others``, each with what is different about it, and the
    number ``alike`` of those for the same environment and person. ``compared`` are all, those with another too."""

    others: tuple[str, ...]
    compared: int
    alike: int = 0

    def seen(self) -> str:
        """Which."""
        same = f"{_others(self.alike)} the same" if self.alike else ""
        told = [*self.others, *([same] if same else [])]
        return "; ".join(told) or (
            f"{_others(self.compared)} another" if self.compared else "there is no other"
        )


@dataclass(frozen=True, slots=True)
class Lifetime:
    """When the credential ends, in seconds since 1970 (None: never, as far as ``by`` tells); ``left`` in seconds.

    ``by`` is what told it: the token's own claims, the service's answer, or the login that is kept. Of a login ``of``
    is the connection, and ``why`` a sentence that says why nothing renews it.
    """

    by: str
    until: float | None
    left: float | None
    of: str = ""
    why: str = ""

    def seen(self) -> str:
        """The end."""
        from ..words import moment

        return (
            f"no end is set ({self.by})" if self.until is None else f"until {moment(self.until)} ({self.by})"
        )


@dataclass(frozen=True, slots=True)
class Rights:
    """``held`` are the scopes that the credential has (by ``source``), ``needed`` those that the chosen tools need."""

    tools: tuple[str, ...]
    held: tuple[str, ...]
    needed: tuple[str, ...]
    source: str

    @property
    def more(self) -> tuple[str, ...]:
        """Held and not needed."""
        return tuple(s for s in self.held if s not in self.needed)

    def seen(self) -> str:
        """Held against needed."""
        return f"{self.source} {' '.join(self.held)}; the chosen tools need {' '.join(self.needed) or 'none'}"
