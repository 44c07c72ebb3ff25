"""Whether a person has a wanted title: by what the title means, or by its words where it means no rank."""

import re
from functools import lru_cache
from typing import NamedTuple

from crm.intake.text import fold
from crm.intake.titles import department_of, seniority_of

# Titles of these ranks mean a department and a level; below them people search for the words.
RANKED = frozenset({"founder", "c_level", "vp", "head", "director", "manager"})
_LEADERS = re.compile(r"^(?P<what>[\w &/]+?) (?:chief|leader|boss|bosse)s?$")
_MANY = re.compile(
    r"\b(c[a-z]{1,3}o|[sea]?vp|vice president|president|director|manager|head|founder|chief|officer|owner|leader)s\b"
)
_SMALL = frozenset({"of", "and", "the", "for", "in", "a", "an"})
_SHORT = {"svp": "vp", "evp": "vp", "avp": "vp"}


class Wish(NamedTuple):
    """A title as asked: a department and a level, or its words."""

    text: str
    department: str
    seniority: str
    words: frozenset[str]

    @property
    def is_role(self) -> bool:
        return bool(self.department and self.seniority)


@lru_cache(maxsize=2048)
def wish(title: str) -> Wish:
    """CMO, Chief Growth Officer and marketing chief are all marketing at C level."""
    full = _full(title)
    seniority, department = seniority_of(full), department_of(full)
    ranked = seniority if seniority in RANKED else ""
    return Wish(title, department, ranked, _words(full))


def _full(title: str) -> str:
    plain = _MANY.sub(r"\1", " ".join(fold(title).split()))
    match = _LEADERS.match(plain)
    return f"chief {match['what']} officer" if match else plain


@lru_cache(maxsize=65536)
def _words(title: str) -> frozenset[str]:
    found = (word for word in re.split(r"[^\w+#]+", fold(title)) if word and word not in _SMALL)
    return frozenset(_singular(_SHORT.get(word, word)) for word in found)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def suits(want: Wish, *, title: str, department: str, seniority: str) -> bool:
    """A founder who carries another rank beside it is searched for as founder."""
    if want.is_role:
        return department == want.department and seniority == want.seniority
    if want.seniority and not want.department:
        return seniority == want.seniority and _rest(want) <= _words(title)
    return want.words <= _words(title)


@lru_cache(maxsize=2048)
def _rest(want: Wish) -> frozenset[str]:
    """The words beside the rank: "regional director" wants the region too."""
    rank_words = {
        "founder",
        "cofounder",
        "co",
        "vp",
        "vice",
        "president",
        "head",
        "director",
        "manager",
        "chief",
    }
    return frozenset(word for word in want.words if word not in rank_words and len(word) > 2)
