"""Taking a person's lines out of the files that were imported."""

import csv
from collections.abc import Collection, Iterator
from pathlib import Path

from crm.models import ImportBatch
from gtmos.kernel.privacy.words import says


def paths_of(batch: ImportBatch) -> list[Path]:
    paths = [Path(each) for each in (batch.path, batch.rejected_path) if each]
    return [path for path in paths if path.is_file()]


def lines_about(batch: ImportBatch, words: Collection[str]) -> list[list[str]]:
    """The records of the file that hold one of the words."""
    found = []
    for path in paths_of(batch):
        try:
            found += [line for line in _records(batch, path) if _is_about(line, words)]
        except (UnicodeError, LookupError, csv.Error):
            found.append([f"{path.name} cannot be read line by line."])
    return found


def speaks(batch: ImportBatch, words: Collection[str]) -> bool:
    return bool(lines_about(batch, words))


def take_out(batch: ImportBatch, words: Collection[str]) -> None:
    """Their records become empty ones, so that the others keep their numbers; an unreadable file goes as a whole."""
    for path in paths_of(batch):
        draft = path.with_name(f".{path.name}.erasing")
        try:
            with draft.open("w", encoding=_encoding(batch), errors="surrogateescape", newline="") as target:
                writer = csv.writer(target, delimiter=_delimiter(batch))
                writer.writerows(
                    [""] * len(line) if _is_about(line, words) else line for line in _records(batch, path)
                )
        except (UnicodeError, LookupError, csv.Error):
            draft.unlink(missing_ok=True)
            path.unlink()
        else:
            draft.replace(path)


def _is_about(line: list[str], words: Collection[str]) -> bool:
    return says("\n".join(line), words)


def _records(batch: ImportBatch, path: Path) -> Iterator[list[str]]:
    with path.open(encoding=_encoding(batch), errors="surrogateescape", newline="") as source:
        yield from csv.reader(source, delimiter=_delimiter(batch))


def _encoding(batch: ImportBatch) -> str:
    return "utf-8" if batch.encoding in {"", "xlsx"} else batch.encoding


def _delimiter(batch: ImportBatch) -> str:
    return batch.delimiter if len(batch.delimiter) == 1 else ","
