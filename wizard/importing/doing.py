"""Carrying an import out: secrets into a store, connections into their file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from wizard import clients, connections
from wizard.connections import Connection
from wizard.errors import UsageError
from wizard.pasting import pasted

from .model import Found, Import


def carry_out(plan: Import, store: str = "") -> tuple[tuple[Found, Mapping[str, str]], ...]:
    """Keep the secrets and save the connections. Each as it was saved, with what is left to do, by field.

    Raises:
        UsageError: `secret-missing`, where a value has not been given; nothing is saved then.
        StoreError: a store refuses; what was saved until then stays. FileProblem: as `wizard.connections.save`.
    """
    from wizard import vault

    for one in plan.found:
        if one.asks:
            raise missing(one)
    done: list[tuple[Found, Mapping[str, str]]] = []
    chosen = None
    for one in plan.found:
        references = dict(one.connection.secrets)
        notes: dict[str, str] = {}
        for name, secret in one.keep.items():
            chosen = chosen or (vault.get_store(store) if store else vault.default_store())
            references[name] = chosen.save(one.connection.name, name, secret)
            if note := chosen.note(references[name]):
                notes[name] = note
        kept = (
            connections.save(replace(one.connection, secrets=references)) if one.changed else one.connection
        )
        done.append((replace(one, connection=kept), notes))
    return tuple(done)


def missing(found: Found) -> UsageError:
    """What is said where a value is to be given first."""
    first = found.asks[0]
    return UsageError(
        "secret-missing",
        f"{found.target} has no value for {first.field} here: {first.asked}.",
        f"The whole value is meant, `{first.prefix}` included." if first.prefix else "",
        [f"Say where it is: authwizard import {pasted(found.target)} --secret {first.field}=SOURCE"],
    )


def replacing(found: Found, connection: Connection) -> str:
    """How the secret that stands in the client's file is replaced by a reference: a command, or what to do there."""
    client = clients.get(found.client)
    path = found.scope.path
    if found.scope.client is not client:
        return (
            f"Take the entry `{found.server}` out of {path} ({found.scope.title}), and write it anew: "
            + _command(found, connection, "")
        )
    where = (
        ""
        if path == client.path(False)
        else " --project"
        if path == client.path(True)
        else f" --path {pasted(path)}"
    )
    says = _command(found, connection, where)
    other = found.server != connection.name
    return f"{says}, then take the entry `{found.server}` out of that file" if other else says


def _command(found: Found, connection: Connection, where: str) -> str:
    return f"authwizard export {connection.name} --client {found.client}{where}"
