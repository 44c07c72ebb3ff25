"""Whether two names are those of one person."""

from collections.abc import Iterable
from typing import TypeVar

from crm.intake.text import fold

N = TypeVar("N")


def is_same_person(one: str, other: str) -> bool:
    """ "Ana" may be Ana Silva; Ana Costa is not."""
    short, long = sorted((_words(one), _words(other)), key=len)
    if not short:
        return False
    return short == long or (len(short) == 1 and short[0] == long[0])


def is_fuller(name: str, than: str) -> bool:
    return is_same_person(name, than) and len(_words(name)) > len(_words(than))


def nearest(name: str, people: Iterable[tuple[str, N]]) -> list[N]:
    """Who may be meant; only those of exactly this name, where there are any."""
    known = list(people)
    same = [each for other, each in known if _words(other) == _words(name)]
    return same or [each for other, each in known if is_same_person(name, other)]


def _words(name: str) -> list[str]:
    return fold(name).replace(".", " ").split()
