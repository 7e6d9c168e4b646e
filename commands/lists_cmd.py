"""``services``, ``clients`` and ``causes``: what there is."""

from __future__ import annotations

import argparse
import shlex
from typing import TYPE_CHECKING

from wizard import ways_out
from wizard.errors import UsageError
from wizard.services import Field, Method, Service

from .output import Output, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.clients.model import Client


def services(args: argparse.Namespace, out: Output) -> int:
    """List the services, show one, check a description (``services check FILE``) or begin one (``services new ID``)."""
    from wizard import catalogue

    if args.path is not None and args.id != "new":
        raise UsageError("wrong-usage", "--path goes with new: authwizard services new ID --path F.")
    if args.id == "check":
        return _check(args.file, out)
    if args.id == "new":
        return _new(args.file, args.path, out)
    if args.file is not None:
        raise UsageError("wrong-usage", "A file is only named after check: authwizard services check FILE.")
    book = catalogue.load()
    chosen = (book.get(args.id),) if args.id else book.services
    lines = _service_lines(chosen[0]) if args.id else table((s.id, s.title, s.summary) for s in chosen)
    out.answer({"schema": 1, "services": [_service(s) for s in chosen]}, lines)
    for problem in book.problems:
        out.note(f"{out.mark('warning')} {problem.title} {problem.detail}")
    return 0


def clients(args: argparse.Namespace, out: Output) -> int:  # noqa: ARG001  one shape for all handlers
    """List the MCP clients that can be written to."""
    from wizard import clients as every_client

    found = every_client.offered()
    out.answer({"schema": 1, "clients": [_client(c) for c in found]}, _client_lines(found))
    return 0


def causes(args: argparse.Namespace, out: Output) -> int:
    """List the causes that the doctor knows, or explain one."""
    from diagnostics import causes as book
    from diagnostics.report import OWNERS

    chosen = (book.get(args.id),) if args.id else book.every()
    if args.id:
        cause = chosen[0]
        lines = [
            cause.title,
            f"  {cause.explanation}",
            f"  {cause.layer}; {OWNERS.get(cause.owner, cause.owner)}",
        ]
        lines += ways_out.lines(cause.fix)
        lines += [f"  source: {source}" for source in cause.sources]
    else:
        lines = table((c.id, c.title) for c in chosen)
    document = [
        {
            "id": c.id,
            "layer": c.layer,
            "owner": c.owner,
            "title": c.title,
            "explanation": c.explanation,
            "fix": list(c.fix),
            "sources": list(c.sources),
        }
        for c in chosen
    ]
    out.answer({"schema": 1, "causes": document}, lines)
    return 0


def _check(path: str | None, out: Output) -> int:
    from pathlib import Path

    from wizard import catalogue
    from wizard.errors import FileProblem
    from wizard.reading import read_text

    if not path:
        raise UsageError("wrong-usage", "Say which file: authwizard services check FILE.")
    service = catalogue.parse(read_text(Path(path), FileProblem), path)
    out.answer(
        {"schema": 1, "services": [_service(service)]},
        [f"{out.mark('works')} {path} is right.", *_service_lines(service)],
    )
    return 0


def _new(id: str | None, path: str | None, out: Output) -> int:
    from pathlib import Path

    from wizard import catalogue
    from wizard.catalogue import fresh

    if not id:
        raise UsageError("wrong-usage", "Say how it is to be called: authwizard services new ID.")
    where = fresh.write(id, Path(path) if path else None)
    service = catalogue.parse(where.read_text(encoding="utf-8"), str(where))
    found = path is None
    lines = [f"{out.mark('works')} {where} is written, and right as it stands."]
    lines.append("  Put the service's own facts into it; each line says what it is for.")
    lines.append(f"  Then: authwizard services check {shlex.quote(str(where))}")
    if found:
        lines.append(f"  Then: authwizard setup {id}")
    else:
        lines.append("  Then put it into the folder `services` of the config folder, to have it in the list.")
    out.answer({"schema": 1, "path": str(where), "services": [_service(service)]}, lines)
    return 0


def _field(f: Field) -> dict[str, object]:
    return {
        "id": f.id,
        "title": f.title,
        "secret": f.secret,
        "required": f.required,
        "default": f.default,
        "source": f.source,
        "prefix": f.prefix,
        "variable": f.variable,
        "aliases": list(f.aliases),
        "help": f.help,
    }


def _method(service: Service, m: Method) -> dict[str, object]:
    return {
        "id": m.id,
        "kind": m.kind,
        "title": m.title,
        "meaning": m.meaning,
        "fields": [_field(f) for f in service.all_fields(m)],
        "guide": list(m.guide.steps),
        "link": m.guide.link or None,
        "needs": list(m.needs),
        "unavailable": m.unavailable or None,
    }


def _service(s: Service) -> dict[str, object]:
    return {
        "id": s.id,
        "title": s.title,
        "summary": s.summary,
        "entry": s.entry,
        "speaks": s.speaks,
        "environments": [
            {
                "id": e.id,
                "title": e.title,
                "url": e.url or None,
                "speaks": s.speaks_at(e),
                "methods": [m.id for m in s.methods_at(e)],
            }
            for e in s.environments
        ],
        "methods": [_method(s, m) for m in s.methods],
        "scopes": [{"id": x.id, "title": x.title} for x in s.scopes],
        "tools": [{"name": t.name, "scopes": list(t.scopes)} for t in s.tools],
        "presets": [{"id": p.id, "title": p.title, "scopes": list(p.scopes)} for p in s.presets],
        "needs": list(s.needs),
        "status": s.status or None,
        "links": dict(s.links),
        "source": s.source,
    }


def _service_lines(s: Service) -> list[str]:
    lines = [f"{s.title}: {s.summary}", "environments"]
    lines += [
        f"  {line}"
        for line in table((e.id, e.title, s.speaks_at(e), e.url or e.help) for e in s.environments)
    ]
    lines += ["it needs", *(f"  {need}" for need in s.needs)] if s.needs else []
    lines.append("methods")
    for m in s.methods:
        lines.append(f"  {m.id}  {m.title}. {m.unavailable or m.meaning}")
        lines += [f"    needs: {need}" for need in m.needs]
        for f in s.all_fields(m):
            option = f"--secret {f.id}=SOURCE" if f.secret else f"--set {f.id}=VALUE"
            lines.append(f"    {option}  {f.title}{'' if f.required and not f.source else ' (optional)'}")
    if s.presets:
        lines.append("presets")
        lines += [f"  {p.id}  {p.title}: {', '.join(p.scopes)}" for p in s.presets]
    if s.scopes:
        lines.append("scopes")
        for x in s.scopes:
            tools = ", ".join(t.name for t in s.tools if x.id in t.scopes)
            lines.append(f"  {x.id}  {x.title}{f': {tools}' if tools else ''}")
    if s.status:
        lines.append(f"status  {s.status}")
    lines += ["links", *(f"  {line}" for line in table(s.links.items()))] if s.links else []
    return lines


def _client(c: Client) -> dict[str, object]:
    from wizard.clients import telling

    project, own = c.path(True), c.path(False)
    return {
        "id": c.id,
        "title": c.title,
        "found": c.found(),
        "project_path": str(project) if project else None,
        "path": str(own) if own else None,
        "ways": telling.ways(c),
        "logs_in": bool(c.logs_in),
        "holds": {
            "project": telling.holds(c, True) if project else None,
            "own": telling.holds(c, False) if own else None,
        },
        "judged": c.judge,
        "cannot": [{"what": what, "instead": instead} for what, instead in c.cannot],
    }


def _client_lines(found: Sequence[Client]) -> list[str]:
    from wizard.clients import telling

    lines = []
    for c in found:
        here = "found" if c.found() else "not found here"
        files = " or ".join(str(p) for p in dict.fromkeys((c.path(True), c.path(False))) if p)
        ways = dict.fromkeys(way for some in telling.ways(c).values() for way in some)
        lines += [f"{c.id}  {c.title}, {here}", f"  writes  {files or 'text to copy'}"]
        if ways:
            lines.append(f"  ways    {', '.join(ways)}")
        lines.append(f"  login   {telling.logs_in(c)}")
        lines.append(f"  judged  {telling.JUDGED[c.judge]}")
        lines += [f"  cannot  {what[:1].lower()}{what[1:]} {instead}" for what, instead in c.cannot]
    return lines
