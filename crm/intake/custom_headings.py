"""How custom fields are headed in a file, so that the same column fills them when the file comes back."""

from collections import Counter
from collections.abc import Mapping

from crm.intake.headers import MEANINGS, header_key

MARK = "custom field"
_TAKEN = frozenset(key for meanings in MEANINGS.values() for key in meanings)


def custom_headings(labels: Mapping[str, str]) -> dict[str, str]:
    """By the field's key, its label; where that means something else, or two things, its key with a mark."""
    many = Counter(name for key, label in labels.items() for name in {header_key(key), header_key(label)})
    return {key: label if _is_free(label, many) else marked(key) for key, label in labels.items()}


def _is_free(label: str, many: Counter[str]) -> bool:
    name = header_key(label)
    return bool(name) and name not in _TAKEN and many[name] == 1 and not label.endswith(f"({MARK})")


def marked(key: str) -> str:
    return f"{key} ({MARK})"
