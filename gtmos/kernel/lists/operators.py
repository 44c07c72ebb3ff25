"""Which comparisons each kind of field knows, how they are said, and how many values they take."""

from dataclasses import dataclass

SOME = -1  # one value or more


@dataclass(frozen=True, slots=True)
class Operator:
    key: str
    words: str
    values: int = 1


IS, IS_NOT = Operator("is", "is"), Operator("is_not", "is not")
ANY_OF, NONE_OF = Operator("any_of", "is any of", SOME), Operator("none_of", "is none of", SOME)
EMPTY, FILLED = Operator("empty", "is not known", 0), Operator("filled", "is known", 0)
COMPARED = (
    Operator("at_least", "is at least"),
    Operator("at_most", "is at most"),
    Operator("above", "is above"),
    Operator("below", "is below"),
    Operator("between", "is between", 2),
)
DAYS = (
    IS,
    Operator("before", "is before"),
    Operator("after", "is after"),
    Operator("between", "is between", 2),
    Operator("in_last", "is in the last (days)"),
    Operator("in_next", "is in the next (days)"),
    Operator("not_in_last", "is not in the last (days)"),
    Operator("during", "is"),
    EMPTY,
    FILLED,
)
CHOSEN = (IS, IS_NOT, ANY_OF, NONE_OF, EMPTY, FILLED)
OPERATORS: dict[str, tuple[Operator, ...]] = {
    "text": (
        IS,
        IS_NOT,
        Operator("contains", "contains"),
        Operator("not_contains", "does not contain"),
        Operator("begins", "begins with"),
        ANY_OF,
        NONE_OF,
        EMPTY,
        FILLED,
    ),
    "number": (IS, IS_NOT, *COMPARED, EMPTY, FILLED),
    "date": DAYS,
    "moment": DAYS,
    "choice": CHOSEN,
    "person": CHOSEN,
    "link": CHOSEN,
    "boolean": (IS, EMPTY, FILLED),
    "words": (
        Operator("has", "has"),
        Operator("has_not", "has not"),
        Operator("has_any", "has any of", SOME),
        EMPTY,
        FILLED,
    ),
    "member": (IS, IS_NOT),
}


def operator_of(kind: str, key: str) -> Operator | None:
    return next((each for each in OPERATORS[kind] if each.key == key), None)
