"""Cells as people type them: trimming, folding, lists, flags, counts and telephone numbers."""

import ast
import json
import re
import unicodedata
from functools import lru_cache

from crm.intake.faults import BadCellError, shown

BLANKS = frozenset(
    {"", "-", "--", "—", "?", "n/a", "na", "#n/a", "nan", "nil", "none", "null", "tbd", "tba", "undisclosed"}
    | {"unknown", "not available", "not known", "k.a.", "s/d"}
)
_INVISIBLE = re.compile("[\u200b\u2060\ufeff]")
_FORMULA_AFTER_CONTROL = re.compile(r"[\t\r][=+\-@]")
_KEPT_FROM_RUNNING = re.compile(r"'+[=+\-@\t\r]")
_MARKS = re.compile("[\u0300-\u036f]")
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "’": "'", "`": "'"}
)
_YES = frozenset(
    {"true", "yes", "y", "1", "x", "on", "t", "wahr", "ja", "j", "si", "s", "oui", "o", "sim", "vero", "✓"}
)
_NO = frozenset({"false", "no", "n", "0", "off", "f", "falsch", "nein", "non", "nao", "falso", "faux"})
LARGEST_COUNT = 2_147_483_647
_NUMBER_IN_TEXT = re.compile(r"(\d[\d.,\s]*\d|\d)\s*([kKmM]?)")


def clean(cell: str) -> str:
    """Trim, and drop characters nobody can see. A cell that looks like a formula stays as it came."""
    trimmed = cell.strip()
    if trimmed is cell and cell.isascii():
        return cell
    if _FORMULA_AFTER_CONTROL.match(cell):
        return cell
    return _INVISIBLE.sub("", trimmed).strip()


def opened(cell: str) -> str:
    """A cell without the apostrophe that kept a spreadsheet from running it."""
    return cell[1:] if _KEPT_FROM_RUNNING.match(cell) else cell


def is_blank(text: str) -> bool:
    return text.strip().lower() in BLANKS


def fold(text: str) -> str:
    """Lower case without accents, in any script, so that equal names compare equal."""
    if text.isascii():
        return text.lower()
    return _fold_wide(text)


@lru_cache(maxsize=65536)
def _fold_wide(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", folded))
    return unicodedata.normalize("NFC", bare)


@lru_cache(maxsize=4096)
def boolean(cell: str) -> bool:
    text = fold(cell.strip())
    if text in _YES:
        return True
    if text in _NO or text in BLANKS:
        return False
    raise BadCellError(f"{shown(cell)} is neither yes nor no.")


@lru_cache(maxsize=8192)
def count(cell: str) -> int | None:
    """A head count. Of a range such as 51-200 the lower end is taken: it is what is sure."""
    if is_blank(cell):
        return None
    match = _NUMBER_IN_TEXT.search(cell.replace("\u00a0", " "))
    if match is None or cell.strip().startswith("-"):
        raise BadCellError(f"{shown(cell)} is not a count.")
    number = _plain_number(match.group(1)) * {"": 1, "k": 1_000, "m": 1_000_000}[match.group(2).lower()]
    if number > LARGEST_COUNT:
        raise BadCellError(f"{shown(cell)} is too large for a count.")
    return int(number)


def _plain_number(digits: str) -> float:
    compact = re.sub(r"\s", "", digits)
    if re.fullmatch(r"\d{1,3}([.,]\d{3})+", compact):
        return float(re.sub(r"[.,]", "", compact))
    compact = compact.replace(",", "") if "." in compact else compact.replace(",", ".")
    try:
        return float(compact)
    except ValueError:
        raise BadCellError(f"{shown(digits)} is not a count.") from None


def words(cell: str) -> tuple[str, ...]:
    """A list in one cell: JSON, a printed Python list, or words with `;`, `|`, a line break or `,` between."""
    text = cell.strip()
    parts = _literal_list(text) if text.startswith("[") else None
    if parts is None:
        parts = re.split(_separator(text), text.strip("[]"))
    trimmed = (part.strip().strip("\"'").strip() for part in parts)
    return tuple(dict.fromkeys(part for part in trimmed if part))


def _separator(text: str) -> str:
    for mark in (";", "|", "\n"):
        if mark in text:
            return re.escape(mark)
    return ","


def _literal_list(text: str) -> list[str] | None:
    if len(text) > 20_000:
        return None
    for read in (json.loads, ast.literal_eval):
        try:
            value = read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(value, list):
            return [str(item) for item in value if item is not None]
    return None


def phone(cell: str) -> str:
    """A spreadsheet's apostrophe in front is not part of the number."""
    return clean(cell).lstrip("'’").strip()
