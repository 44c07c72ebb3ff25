"""The same file once more as an import of its own, with a copy of the file, so that each can go by itself."""

import shutil
from pathlib import Path
from typing import Any
from uuid import uuid4

from crm.models import ImportBatch
from gtmos.kernel.exceptions import DomainError

# What others hang on comes first; any other order ends alike.
ORDER = ("companies", "contacts", "deals", "signals")
SAME = ("file_name", "size_bytes", "digest", "into", "shape", "encoding", "delimiter", "columns", "mapping")


def copied_import(batch: ImportBatch, **values: Any) -> ImportBatch:
    same = {name: getattr(batch, name) for name in (*SAME, "rows_total")}
    again = ImportBatch(pk=uuid4(), **same, **values)
    path = Path(batch.path).with_name(f"{again.pk}.csv")
    try:
        shutil.copyfile(batch.path, path)
    except OSError as error:
        raise DomainError(
            f"The file of {batch} is not kept any more. Upload it again.", code="file_is_gone"
        ) from error
    again.path = str(path)
    again.save(force_insert=True)
    return again
