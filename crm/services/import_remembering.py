"""The fields that somebody chose for the columns of a file, proposed for the next file with the same columns."""

import hashlib
from collections.abc import Iterable

from crm.intake.faults import IntakeError
from crm.intake.shapes import Mapping
from crm.models import ImportBatch, RememberedMapping
from crm.services.import_custom import refuse_unknown_field
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor


def remember(batch: ImportBatch, *, actor: Actor) -> None:
    """The last word counts, whoever spoke it."""
    targets = {column["name"]: column["target"] for column in batch.mapping["columns"]}
    RememberedMapping.objects.update_or_create(
        columns_digest=_digest(targets, str(batch.mapping["kind"])),
        defaults={
            "columns": list(targets),
            "targets": targets,
            "chosen_by": actor.label[:150],
            "chosen_at": clock.now(),
        },
    )


def as_remembered(mapping: Mapping) -> tuple[Mapping, dict[str, object]]:
    """The mapping with the fields chosen before, and who chose them. A field that is gone since is left as understood."""
    names = [column.name for column in mapping.columns]
    known = RememberedMapping.objects.filter(columns_digest=_digest(names, mapping.kind)).first()
    if known is None:
        return mapping, {}
    for column in mapping.columns:
        mapping = _sent(mapping, column.name, known.targets.get(column.name, column.target))
    return mapping, {"remembered": {"by": known.chosen_by, "at": known.chosen_at.isoformat()}}


def _sent(mapping: Mapping, name: str, target: str) -> Mapping:
    present = next(column.target for column in mapping.columns if column.name == name)
    if target == present:
        return mapping
    try:
        refuse_unknown_field(target)
        return mapping.with_target(name, target)
    except IntakeError:
        return mapping


def _digest(names: Iterable[str], kind: str) -> str:
    """Of the set of names: the order of columns says nothing."""
    return hashlib.sha256("\x00".join([kind, *sorted(names)]).encode()).hexdigest()
