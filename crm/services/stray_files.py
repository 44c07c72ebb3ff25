"""Files that were left behind when a process died between keeping a file and writing its row."""

import logging
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from crm.models import Document, ImportBatch

logger = logging.getLogger(__name__)
OLD_ENOUGH = timedelta(days=1)
AT_A_TIME = 500
# What we keep is named by the key of its row. Whatever else lies there is not ours to remove.
OURS = re.compile(r"\.?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def remove_stray_files(*, now: datetime | None = None) -> int:
    """Remove what is older than a day and that no row names. Returns how many."""
    until = ((now or timezone.now()) - OLD_ENOUGH).timestamp()
    root = Path(settings.MEDIA_ROOT)
    gone = 0
    for folder, named in (("documents", _named_documents), ("imports", _named_imports)):
        files = _old_files(root / folder, until)
        while some := list(islice(files, AT_A_TIME)):
            gone += _removed(some, named)
    if gone:
        logger.warning("%s files that no record names were removed", gone)
    return gone


def _old_files(folder: Path, until: float) -> Iterator[Path]:
    """What was restored or moved lately is not old, whatever time it says of itself."""
    for path in folder.iterdir() if folder.is_dir() else ():
        status = path.lstat()
        is_ours = path.is_file() and not path.is_symlink() and OURS.match(path.name)
        if is_ours and max(status.st_mtime, status.st_ctime) < until:
            yield path


def _removed(paths: list[Path], named: Callable[[list[Path]], set[Path]]) -> int:
    known = named(paths)
    strays = [path for path in paths if path not in known]
    for path in strays:
        path.unlink(missing_ok=True)
    return len(strays)


def _keys(paths: list[Path]) -> list[str]:
    return [found[1] for path in paths if (found := OURS.match(path.name))]


def _named_documents(paths: list[Path]) -> set[Path]:
    """Of one document there may be an older file beside the one that it names."""
    names: Any = Document.objects.filter(pk__in=_keys(paths)).values_list("file", flat=True)
    known = {Path(str(name)).name for name in names if name}
    return {path for path in paths if path.name in known}


def _named_imports(paths: list[Path]) -> set[Path]:
    """By the key and not by the path, which a restored installation may have elsewhere."""
    rows = ImportBatch.objects.filter(pk__in=_keys(paths)).exclude(path="", rejected_path="")
    known = {str(key) for key in rows.values_list("pk", flat=True)}
    return {path for path in paths if _keys([path])[0] in known}
