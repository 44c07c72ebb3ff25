"""A note as a row of items: names, jobs, departments and the words between them."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from crm.intake.notes.lexicon import BUSINESS, HONOURS, NO_NAME, PARTICLES, first_names
from crm.intake.notes.titles import is_core, is_department, is_modifier, is_strict_core
from crm.intake.text import fold

_TOKEN = re.compile(
    r"Sp\. ?z ?o\. ?o\b\.?|GmbH & Co\. KG\b|& Co\. KG\b|& Co\b\.?|(?<= )e\. ?K\b\.?|(?<= )S\. ?[AL]\b\.?|(?<= )[ds]\. ?[or]\. ?o\b\.?"
    r"|[^\W\d_](?:[\w'’.&-]{0,60}\w)?|\d[\d.,]{0,30}|\n|\S"
)
_INSTITUTION = frozenset(
    "bank university house ministry institute department school college city museum church board office academy council".split()
)
_HEADS = frozenset("head vp svp evp director leiter leiterin directeur directrice".split())
_SMALL_WORDS = frozenset(
    "from at of in on with who and or but is was has says said about for the a to via".split()
)
_MET_WORDS = frozenset("with to met and rang reached saw w for".split())


class Token(NamedTuple):
    text: str
    start: int

    @property
    def plain(self) -> str:
        return fold(self.text).strip(".")

    @property
    def is_capital(self) -> bool:
        return self.text[0].isupper()

    @property
    def is_word(self) -> bool:
        return self.text[0].isalpha()


class Item(NamedTuple):
    """`kind` is "name", "role", "department", "honour", or the word or sign itself, folded."""

    kind: str
    text: str
    start: int

    @property
    def words(self) -> list[str]:
        return [fold(each).strip(".") for each in self.text.split()]

    @property
    def is_business(self) -> bool:
        return bool(set(self.words) & BUSINESS)

    @property
    def is_first_name(self) -> bool:
        return re.split(r"[-'’]", self.words[0])[0] in first_names()

    @property
    def looks_like_a_person(self) -> bool:
        return self.is_first_name and not self.is_business and len(self.words) <= 4


def items_of(text: str) -> list[Item]:
    return list(_items(list(_tokens(text))))


def _tokens(text: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(text):
        word = match[0]
        if word[-2:] in {"'s", "’s"} and len(word) > 2:
            yield Token(word[:-2], match.start())
            yield Token("'s", match.end() - 2)
        elif word[0].isupper() or word[0].isalpha():
            yield Token(word, match.start())
        else:
            yield Token(word, match.start())


def _items(tokens: list[Token]) -> Iterator[Item]:
    place = 0
    while place < len(tokens):
        token = tokens[place]
        for kind, find in (("role", _role), ("name", _name), ("name", _small_name)):
            end = find(tokens, place)
            if end:
                text = _joined(tokens[place:end])
                yield Item(_kind(kind, text), text, token.start)
                place = end
                break
        else:
            if (
                token.plain in HONOURS
                and token.is_capital
                and token.plain not in {"m"} | {"hr", "fr"} - _followed(tokens, place)
            ):
                yield Item("honour", token.text, token.start)
                place += 2 if _at(tokens, place + 1) == "." else 1
                continue
            yield Item(token.plain or token.text, token.text, token.start)
            place += 1


def _followed(tokens: list[Token], place: int) -> set[str]:
    """ "M. Garnier" is a gentleman, "Hr." and "Fr." are with their dot."""
    return {"hr", "fr", "m"} if _at(tokens, place + 1) == "." else set()


def _kind(kind: str, text: str) -> str:
    if kind == "name" and all(is_department(word) for word in text.split()):
        return "department"
    return kind


def _joined(tokens: list[Token]) -> str:
    text = " ".join(token.text for token in tokens)
    return text.replace(" .", ".").replace("d' ", "d'")


def _at(tokens: list[Token], place: int) -> str:
    return tokens[place].text if 0 <= place < len(tokens) else ""


def _role(tokens: list[Token], place: int) -> int:
    """Where the job that begins here ends; 0 where none begins. "VP Sales", "Head of Claims Operations"."""
    end, cores, strict = place, 0, False
    while (
        end < len(tokens)
        and tokens[end].is_word
        and (is_core(tokens[end].text) or is_modifier(tokens[end].text))
    ):
        cores += is_core(tokens[end].text)
        strict = strict or is_strict_core(tokens[end].text)
        end += 1
    if not cores:
        return 0
    while end > place and not (is_core(tokens[end - 1].text) or is_department(tokens[end - 1].text)):
        end -= 1
    further = _of_what(tokens, end)
    if not strict and further == end and end - place == 1:
        return 0
    return further


def _of_what(tokens: list[Token], end: int) -> int:
    """ "of Claims Operations", "der Geschäftsleitung", "to the CEO"."""
    if (
        _at(tokens, end).lower() == "to"
        and _at(tokens, end + 1).lower() == "the"
        and is_core(_at(tokens, end + 2) or "-")
    ):
        return end + 3
    if _at(tokens, end).lower() not in {"of", "for", "de", "des", "du", "der", "für", "d'", "-"}:
        return end
    place = end + 1
    is_head = fold(tokens[end - 1].text) in _HEADS
    while place < len(tokens) and place - end <= 4 and tokens[place].is_word:
        word = tokens[place].text
        is_and = word.lower() in {"and", "und", "et", "y"} and is_department(_at(tokens, place + 1) or "-")
        is_free = (
            is_head
            and tokens[end - 1].plain == "head"
            and place - end <= 3
            and tokens[place].is_capital
            and fold(word) not in NO_NAME
        )
        if not (is_department(word) or is_modifier(word) or is_and or is_free):
            break
        place += 1
    if _at(tokens, place) == "&" and is_department(_at(tokens, place + 1) or "-"):
        place += 2
    return place if place > end + 1 else end


def _is_part(token: Token) -> bool:
    return token.is_word and token.is_capital and token.plain not in NO_NAME and token.plain not in HONOURS


def _name(tokens: list[Token], place: int) -> int:
    """Where the run of capital words that begins here ends."""
    if not _is_part(tokens[place]):
        return 0
    end = place + 1
    while end < len(tokens) and end - place < 6:
        if (
            (_is_part(tokens[end]) and not _role(tokens, end))
            or _is_legal(tokens[end])
            or _is_initial(tokens, end)
        ):
            end += 1
        elif end - place < 5 and _goes_on(tokens, place, end):
            end += 2
        else:
            break
    return end


def _is_legal(token: Token) -> bool:
    return (
        token.text[:2] in {"Sp", "& "}
        or (token.plain in BUSINESS and token.is_capital)
        or token.text.startswith(("e.", "S.", "d.", "s."))
    )


def _is_initial(tokens: list[Token], end: int) -> bool:
    return tokens[end].text == "." and len(tokens[end - 1].text) == 1 and tokens[end - 1].is_capital


def _goes_on(tokens: list[Token], place: int, end: int) -> bool:
    """ "Kreutz & Söhne", "Bank of Ceylon", "Ana de Souza"; not "Pete & Gloria" or "Lisa of Acme"."""
    if end + 1 >= len(tokens) or not _is_part(tokens[end + 1]) or _role(tokens, end + 1):
        return False
    link, names = tokens[end].plain, first_names()
    if link == "&":
        return not (tokens[place].plain in names and tokens[end + 1].plain in names)
    if link == "of":
        return tokens[end - 1].plain in _INSTITUTION
    is_house = tokens[end + 1].plain in BUSINESS and tokens[place].plain in names
    return link in PARTICLES and link not in {"of", "&", "y", "e"} and not is_house


def _small_name(tokens: list[Token], place: int) -> int:
    """ "call with tom", "met jose garcia, founder": a first name in small letters, where a person is met."""
    token = tokens[place]
    if token.is_capital or token.plain not in first_names() or len(token.text) < 3:
        return 0
    if fold(_at(tokens, place - 1)) not in _MET_WORDS:
        return 0
    following, after = _at(tokens, place + 1), _at(tokens, place + 2)
    has_last = (
        following[:1].isalpha()
        and following.islower()
        and following not in _SMALL_WORDS
        and after in {",", "("}
    )
    return place + 2 if has_last else place + 1
