"""What the rows of an uploaded file are, where a person knows better than the names of its columns."""

from django.db import transaction

from crm.intake.faults import IntakeError
from crm.intake.tables import open_table
from crm.models import ImportBatch
from crm.services.import_files import give_columns
from gtmos.kernel import live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.permissions import require


@transaction.atomic
def read_as(batch: ImportBatch, into: str, *, actor: Actor) -> ImportBatch:
    """Understand the columns anew. What a dry run found is no longer true and goes."""
    require(actor, "crm.import_records")
    require(actor, "crm.undo_import", batch)
    locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if locked.state != "uploaded":
        raise DomainError(
            f"{batch} is {locked.get_state_display()} and cannot be read anew.", code="not_uploaded"
        )
    if locked.result.get("rehearsal", {}).get("state") == "running":
        raise DomainError(f"{batch} is being tried. Wait for the end of it.", code="being_tried")
    locked.into, locked.result = into, {}
    try:
        with open_table(locked.path) as table:
            give_columns(locked, table)
    except (IntakeError, FileNotFoundError) as error:
        raise InvalidInputError(_sentence(error), code="bad_kind") from error
    locked.save(update_fields=["into", "shape", "mapping", "result"])
    live.push(f"import:{locked.pk}")
    return locked


def _sentence(error: IntakeError | FileNotFoundError) -> str:
    return str(error) if isinstance(error, IntakeError) else "The file is not kept any more. Upload it again."
