"""Layer client-config: what becomes of an entry in its client, and of what it sends."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from wizard.livetest import Evidence
from wizard.pasting import pasted

from ..facts import Started
from ..facts.entry import AsHeader, Program, Rival, Rivals, SplitArguments
from ..facts.wire import Differential
from .book import Verdict, cause, proven

_WITHOUT: Final = (
    "authorization-header-missing",
    "authorization-scheme-malformed",
    "token-not-recognised",
    "unexpanded-variable-literal",
)


@cause(
    id="args-space-split",
    layer="client-config",
    owner="you",
    title="The client takes an argument apart at its space, and the header arrives without its value.",
    explanation="mcp-remote gets its headers as arguments. Cursor, and on Windows Claude Desktop, start it by a shell"
    " without quoting: an argument with a space in it becomes two. The first ends in a colon, and mcp-remote sends the"
    " header empty, without a word.",
    fix=(
        'Write the argument without a space: "--header", "Authorization:${AUTH_HEADER}"',
        'Put the rest into the entry\'s env: "AUTH_HEADER": "Bearer ..."',
        "Or have the entry written: authwizard export NAME --client CLIENT",
    ),
    sources=(
        "https://github.com/punkpeye/mcp-remote/issues/26",
        "https://github.com/punkpeye/mcp-remote/issues/52",
        "https://github.com/gleanwork/mcp-server/pull/176",
        "https://github.com/aaronsb/obsidian-mcp-plugin/issues/30",
        "https://github.com/punkpeye/mcp-remote (README, Custom Headers)",
    ),
    standing=True,
    explains=_WITHOUT,
)
def space_split(split: SplitArguments, differential: Differential | None) -> Verdict | None:
    """By the arguments as they stand, and by a server that asks for what is lost."""
    if differential is None or not differential.none.refused:
        return None
    names = ", ".join(split.headers)
    how = (
        f"the value of {names} stands in an argument of its own"
        if split.apart
        else f"{split.title} takes an argument apart at a space, and that of {names} has one"
    )
    return proven(
        Evidence("arguments", f"--header {split.headers[0]}: {how}"),
        Evidence("differential", f"without its value the server {differential.none.gives()}"),
        title=f"The header {names} arrives without its value: the argument is taken apart at the space.",
        fix=(
            f'In the entry write: "--header", "{split.headers[0]}:${{AUTH_HEADER}}" (no space in it)',
            'and in its env: "AUTH_HEADER": "Bearer ..." with the token.',
            "Or have the entry written: authwizard export NAME --client CLIENT",
        ),
    )


@cause(
    id="token-in-query-rejected",
    layer="client-config",
    owner="you",
    title="The server does not take the credential in the address; in the header it does.",
    explanation="What stands in an address ends up in logs, histories and Referer headers, so OAuth 2.1 and MCP forbid"
    " a token there, and servers have stopped taking one.",
    fix=(
        "Take the parameter out of the address, and send the credential as Authorization: Bearer <token>.",
        "It stood in addresses, and so in logs: make a new one when that works.",
    ),
    sources=(
        "https://github.com/datahub-project/datahub/pull/19083",
        "https://modelcontextprotocol.io/specification/2025-06-18/basic/authorization (Token Requirements)",
        "RFC 9700 section 4.3.2",
    ),
    standing=True,
    explains=("token-not-recognised", "authorization-header-missing", "wrong-transport-or-endpoint-path"),
)
def in_query(header: AsHeader, differential: Differential) -> Verdict | None:
    """Refused there, accepted in the header."""
    real = differential.real
    taken = header.answer.accepted and header.answer.status != 400
    if real is None or (real.accepted and real.status != 400) or not taken:
        return None
    name = ", ".join(header.parameters)
    return proven(
        Evidence("differential", f"with ?{name}= in the address the server {real.gives()}"),
        Evidence("as-header", f"the same in the Authorization header: {header.answer.seen()}"),
        title=f"The server refuses the credential as ?{name}= in the address, and takes it in the header.",
        fix=(
            f"Take ?{name}=... out of the address, and add the header Authorization: Bearer <token>.",
            "It stood in an address, and so in logs: make a new one when that works.",
        ),
    )


@cause(
    id="stdio-command-not-found",
    layer="client-config",
    owner="you",
    title="The command that the entry starts is not found.",
    explanation="A client starts a stdio server by a command. One that is not installed, or that lies in a folder which"
    " the client's PATH does not name (nvm, Homebrew, ~/.local/bin), cannot be started: spawn ... ENOENT.",
    fix=(
        "See where it is: command -v NAME, in your shell.",
        "Write that whole path as the entry's `command`, and start the client anew.",
        "If your shell does not find it either: install it.",
    ),
    sources=(
        "https://github.com/tomaspavlin/rohlik-mcp/issues/6",
        "https://github.com/juehang/vscode-mcp-server/issues/6",
        "https://github.com/modelcontextprotocol/servers/issues/64",
        "https://modelcontextprotocol.io/docs/tools/debugging",
    ),
    standing=True,
    way=True,
    explains=_WITHOUT,
)
def not_found(program: Program) -> Verdict | None:
    """By a look into each folder of the PATH that the client has."""
    if program.found and program.runnable:
        return None
    return replace(_not_found(program), aside=not program.alone)


def _not_found(program: Program) -> Verdict:
    if not program.found and any(mark in program.command for mark in "/\\"):
        return proven(
            Evidence("program", f"there is no {program.command}"),
            title=f"`{program.command}`, which the entry starts, is not there.",
            fix=(
                "Look for a typing mistake in that path, or for where the program lies now: command -v NAME",
                f"Then start {program.title} anew.",
            ),
        )
    where = (
        f"{len(program.searched)} folder(s) of {'the entry' if program.own_path else program.title}'s PATH"
    )
    if program.found:
        return proven(
            Evidence("program", f"{program.found} is there, and may not be run"),
            title=f"`{program.command}` may not be run.",
            fix=(f"chmod u+x {pasted(program.found)}",),
        )
    fix = [f"Install `{program.command}`, or write its whole path as the entry's `command`."]
    elsewhere: tuple[Evidence, ...] = ()
    if program.elsewhere:
        elsewhere = (Evidence("program", f"it lies in {program.elsewhere}, which that PATH does not name"),)
        fix = [f'In the entry write: "command": "{program.elsewhere}"', f"Then start {program.title} anew."]
    return proven(
        Evidence("program", f"`{program.command}` is in none of {where}"),
        *elsewhere,
        title=f"`{program.command}`, which {program.title} is to start, is not found.",
        fix=tuple(fix),
    )


@cause(
    id="stdio-server-does-not-answer",
    layer="client-config",
    owner="you",
    title="The program that the entry starts ends, or does not answer as an MCP server.",
    explanation="It was started as the client starts it, with the entry's arguments and variables, and ended at once,"
    " or wrote something else than messages to its standard output. Its own words on standard error say why.",
    fix=(
        "Run the entry's command in a shell, with the entry's env, and read what it says.",
        "A variable or file that it names: put it into the entry's `env`; a client does not pass on all of yours.",
    ),
    sources=(
        "https://modelcontextprotocol.io/docs/tools/debugging",
        "https://github.com/modelcontextprotocol/servers/issues/1332",
        "https://modelcontextprotocol.io/specification/2025-06-18/basic/transports (stdio)",
    ),
    fallback=True,
)
def not_answering(started: Started, program: Program | None) -> Verdict | None:
    """By starting it, after a yes; one that is not found was not started."""
    if not started.error or (program is not None and not (program.found and program.runnable)):
        return None
    return proven(
        Evidence("stdio", started.error[:300]),
        title=f"`{started.command}` was started, and does not answer as an MCP server.",
    )


def _of(rival: Rival) -> str:
    return rival.answer.seen() if rival.answer is not None else "not asked, for it sends no credential"


@cause(
    id="entry-hidden-by-another-scope",
    layer="client-config",
    owner="you",
    title="Another entry of the same name is used in place of yours.",
    explanation="A client reads several files, and of entries with one name only one counts: the narrower scope wins"
    " (Claude Code: local, then project, then user). The one that works is there, and is not used.",
    fix=("Remove or rename the entry that wins, or mend it.",),
    sources=(
        "https://code.claude.com/docs/en/mcp (Scope hierarchy and precedence)",
        "https://cursor.com/docs/mcp",
    ),
    explains=(
        *_WITHOUT,
        "variable-expands-to-empty",
        "wrong-environment-url",
        "access-token-expired",
        "audience-not-bound-to-resource",
        "insufficient-scope",
        "credential-of-wrong-kind",
        "wrong-transport-or-endpoint-path",
        "token-quotes-or-invisible-characters",
        "connection-refused",
        "dns-name-unresolvable-or-split-horizon",
    ),
    way=True,
)
def hidden(rivals: Rivals, differential: Differential) -> Verdict | None:
    """The one that wins is refused, and the one that it hides is accepted."""
    if differential.judged.accepted:
        return None
    at = next((n for n, r in enumerate(rivals.hidden) if r.answer is not None and r.answer.accepted), None)
    if at is None or (good := rivals.hidden[at]).answer is None:
        return None
    # with the one that wins gone the next counts, and it works as little
    wrong = [(rivals.wins, rivals.scope), *((r.where, r.scope) for r in rivals.hidden[:at])]
    how = (
        "claude mcp remove {name} -s {scope}"
        if rivals.title == "Claude Code"
        else "Remove or rename {name} there"
    )
    steps = [f"{how.format(name=rivals.name, scope=scope)} ({where})" for where, scope in wrong]
    before = tuple(
        Evidence("rivals", f"next would be that of the {r.scope} scope ({r.where}): {_of(r)}")
        for r in rivals.hidden[:at]
    )
    return proven(
        Evidence("rivals", f"{rivals.title} uses {rivals.name} of the {rivals.scope} scope ({rivals.wins})"),
        Evidence("differential", f"that {differential.judged.met()}"),
        Evidence(
            "rivals",
            f"{good.where} ({good.scope}) has another ({', '.join(good.differs)}): {good.answer.seen()}",
        ),
        *before,
        title=f"The {rivals.scope} entry `{rivals.name}` hides that of the {good.scope} scope, which works.",
        fix=(
            *steps[:-1],
            f"{steps[-1]}: then that of the {good.scope} scope is used ({good.where}).",
            "Or mend it by the other.",
        ),
    )
