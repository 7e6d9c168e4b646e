"""Facts about an entry of a client's config: the client's own environment, its rules, what it starts, what it hides."""

from __future__ import annotations

from dataclasses import dataclass

from ..shell_history import Remembered
from .wire import Answer


@dataclass(frozen=True, slots=True)
class Setting:
    """A line of a shell's start-up file that sets a variable."""

    path: str
    line: int
    variable: str


@dataclass(frozen=True, slots=True)
class Unaware:
    """A running process of the client that was started without a variable."""

    pid: int
    program: str
    variable: str


@dataclass(frozen=True, slots=True)
class ClientEnvironment:
    """What a client of the desktop has of the variables that its entry refers to.

    ``settings`` are the lines of shell start-up files that set one of them; ``session`` the variables that the desktop
    session sets as well; ``unaware`` are processes that lack one, where no process of the client has it. ``asks_shell``
    is True for a client that asks the login shell for its variables when it starts.
    """

    title: str
    settings: tuple[Setting, ...] = ()
    session: tuple[str, ...] = ()
    unaware: tuple[Unaware, ...] = ()
    asks_shell: bool = False

    def seen(self) -> str:
        """Who lacks what."""
        if self.unaware:
            return f"{self.unaware[0].program} runs without {self.unaware[0].variable}"
        return f"{len(self.settings)} line(s) of shell start-up files set what the entry refers to"


@dataclass(frozen=True, slots=True)
class SplitArguments:
    """Arguments of mcp-remote with a space in them: ``headers`` are those whose value is lost by it. ``apart`` is True
    where they stand apart in the config already; else the client takes them apart."""

    title: str
    headers: tuple[str, ...]
    apart: bool

    def seen(self) -> str:
        """Which."""
        return f"{', '.join(self.headers)} is taken apart at a space"


@dataclass(frozen=True, slots=True)
class AsHeader:
    """A credential of the address, sent as ``Authorization: Bearer`` instead; ``parameters`` are the names."""

    parameters: tuple[str, ...]
    answer: Answer

    def seen(self) -> str:
        """The answer."""
        return f"the same in the Authorization header: {self.answer.seen()}"


@dataclass(frozen=True, slots=True)
class Blocked:
    """A rule of the client that keeps it from using a server: ``where`` it stands, ``says`` what it says. ``admin`` is
    True where it is the organization's; ``logged`` True for a line of the client's log."""

    where: str
    says: str
    admin: bool = False
    logged: bool = False


@dataclass(frozen=True, slots=True)
class ClientPolicy:
    """The client's own rules on which servers it may use."""

    title: str
    blocked: tuple[Blocked, ...] = ()

    def seen(self) -> str:
        """The rule, or none."""
        return self.blocked[0].says if self.blocked else f"{self.title} may use it"


@dataclass(frozen=True, slots=True)
class Program:
    """What an entry starts: ``found`` is where its command is (empty: nowhere), ``searched`` the folders of the PATH
    that the client has, ``elsewhere`` where the command lies outside of them. ``runnable`` is False for a file that may
    not be run; ``alone`` is False where the service is asked without it as well."""

    title: str
    command: str
    found: str
    searched: tuple[str, ...]
    own_path: bool = False
    elsewhere: str = ""
    runnable: bool = True
    alone: bool = True

    def seen(self) -> str:
        """Where it is."""
        return f"{self.command}: {self.found or 'not found'}"


@dataclass(frozen=True, slots=True)
class Rival:
    """Another entry, or value, of the same name that the winning one hides; ``answer`` is what the server says to it
    where it was asked, ``differs`` in what it is another."""

    where: str
    scope: str
    url: str
    differs: tuple[str, ...]
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Rivals:
    """Several entries of one name: ``wins`` is where the one stands that the client uses."""

    title: str
    name: str
    wins: str
    scope: str
    hidden: tuple[Rival, ...]

    def seen(self) -> str:
        """Who wins, and what it hides."""
        others = ", ".join(f"{r.scope} ({r.where})" for r in self.hidden)
        return f"the entry of the {self.scope} is used; hidden: {others or 'none'}"

    def competing(self) -> dict[str, object]:
        """As plain data: what wins, and what it hides."""
        hidden = [{"where": r.where, "scope": r.scope, "differs": list(r.differs)} for r in self.hidden]
        return {"name": self.name, "wins": {"where": self.wins, "scope": self.scope}, "hides": hidden}


@dataclass(frozen=True, slots=True)
class InHistory:
    """Where the credential stands in the histories of shells."""

    lines: tuple[Remembered, ...] = ()

    def seen(self) -> str:
        """In how many lines."""
        return (
            f"{len(self.lines)} line(s) of a shell's history hold it"
            if self.lines
            else "in no shell's history"
        )


@dataclass(frozen=True, slots=True)
class EnvFileValue:
    """Another value of the variable in use, in an env file: ``path`` and ``line``; ``answer`` is what the server says
    to that value, where it was asked."""

    variable: str
    path: str
    line: int
    answer: Answer | None = None

    def seen(self) -> str:
        """Where."""
        return f"{self.path}, line {self.line}, sets {self.variable} to another value"

    def competing(self) -> dict[str, object]:
        """As plain data: what wins, and what it hides."""
        hidden = {"where": f"{self.path}, line {self.line}", "scope": ".env", "differs": ["the value"]}
        wins = {"where": "the environment", "scope": "exported variable"}
        return {"name": self.variable, "wins": wins, "hides": [hidden]}
