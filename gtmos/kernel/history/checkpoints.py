"""The newest seal, signed, in a file outside the database: whoever cuts the end off is found out."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

from gtmos.kernel.history import digests
from gtmos.kernel.history.models import Seal


@dataclass(frozen=True, slots=True)
class Checkpoint:
    number: int
    rows: int
    code: str
    key_name: str
    signature: str


def path() -> Path:
    return Path(settings.AUDIT_CHECKPOINT)


def write(seal: Seal) -> None:
    """In one step; a checkpoint never goes back to an earlier seal."""
    known = read()
    if known is not None and known.number >= seal.number and is_genuine(known):
        return
    parts = (seal.number, seal.rows_until_here, seal.code)
    made = Checkpoint(*parts, seal.key_name, digests.code(seal.key_name, "checkpoint", *parts))
    path().parent.mkdir(parents=True, exist_ok=True)
    draft = path().with_name(f".{path().name}.{os.getpid()}")
    draft.write_text(json.dumps(asdict(made), indent=1))
    draft.replace(path())


def read() -> Checkpoint | None:
    """None where there is none or it cannot be read."""
    try:
        return Checkpoint(**json.loads(path().read_text()))
    except (OSError, ValueError, TypeError):
        return None


def is_genuine(point: Checkpoint) -> bool:
    expected = digests.code(point.key_name, "checkpoint", point.number, point.rows, point.code)
    return digests.same(expected, point.signature)
