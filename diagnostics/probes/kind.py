"""What the credential is by its beginning, against what the service's document asks for. Nothing is sent."""

from __future__ import annotations

from wizard import prefixes
from wizard.secret import Secret
from wizard.services import Field

from ..engine import Context, Probe, Skip
from ..facts.vendor import WrongKind
from ..target import Target


async def kind(context: Context) -> WrongKind | Skip:
    """Each secret against its field; one that is nowhere an access token is wrong also where no field is known."""
    target = context.target
    fields = [f for f in (target.method.fields if target.method else ()) if f.secret]
    for field in fields:
        value = _value(target, field, only=len(fields) == 1)
        if value is None:
            continue
        text = value.reveal().strip()
        if found := prefixes.misplaced(text, field):
            other = _taken_by(target, text) or _of_the_same_vendor(target, found)
            wanted = prefixes.listed(field)
            return WrongKind(field.title, found.begins, found.what, found.whose, wanted, other)
    given = target.credential.reveal().strip() if target.credential else ""
    found = prefixes.known(given) if given and not any(f.beginnings for f in fields) else None
    if found is not None and found.never:
        return WrongKind("The credential", found.begins, found.what, found.whose)
    return Skip("its beginning is as it should be, or tells nothing")


def _value(target: Target, field: Field, *, only: bool) -> Secret | None:
    """What was given for the field; for the only secret of a method also the bare credential."""
    held = next((target.secrets[n] for n in (field.id, *field.aliases) if n in target.secrets), None)
    return held or (target.credential if only else None)


def _taken_by(target: Target, text: str) -> str:
    """Another method of the service, for which the value begins as it should."""
    methods = target.service.methods_at(target.environment) if target.service else ()
    for method in methods:
        if any(f.beginnings and text.startswith(f.beginnings) for f in method.fields):
            return method.title
    return ""


def _of_the_same_vendor(target: Target, found: prefixes.Known) -> str:
    """What it is, where its own vendor may take it all the same."""
    own = target.service is not None and target.service.title == found.whose
    return found.what if own and not found.never else ""


PROBE = Probe("kind", "the kind of credential", WrongKind, kind)
