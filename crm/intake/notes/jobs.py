"""Whose a job is, and where: by what stands before and behind it."""

from collections.abc import Callable

from crm.intake.notes.findings import AT, ENDS, SURELY_AT, Findings
from crm.intake.notes.items import Item
from crm.intake.notes.lexicon import LOOSE
from crm.intake.notes.titles import is_role
from crm.intake.text import fold

Holder = Callable[[Findings, int], int | None]
_PARTS = frozenset({"champion", "sponsor", "blocker", "contact", "maker", "buyer", "user"})
_IS = frozenset({"is", "was", "as", "'s", "became", "ist", "est", "es"})
_BEGINS_TO_BE = frozenset({"is", "was", "joined", "became", "ist", "est", "works", "es", "worked"})
_PRONOUNS = frozenset({"he", "she", "er", "sie", "il", "elle"})
_BETWEEN = frozenset(
    "now the a an our their new der die le la joined works at for actually also jetzt un une eine name".split()
)
_FARTHEST = 8


def find_jobs(found: Findings) -> None:
    for place, item in enumerate(found.items):
        if item.kind == "role":
            holder = next((at for each in _HOLDERS if (at := each(found, place)) is not None), None)
            if holder is not None:
                found.name_person(holder, item.text)
            _where(found, place)
        elif item.kind in {",", "("} and found.is_name(place - 1):
            _apposition(found, place)


def _right_behind(found: Findings, place: int) -> int | None:
    """ "VP Sales Ahmed Farouk"; "Ana (CFO) Bob" is Ana's."""
    is_behind = found.at(place - 1).kind not in {"(", "="} and found.is_somebody(place + 1)
    return place + 1 if is_behind else None


def _right_before(found: Findings, place: int) -> int | None:
    """ "Ana, CFO", "Ana (CFO)", "Pete = head of partnerships"."""
    is_before = found.at(place - 1).kind in {",", "(", "=", "/", "-", "–", "—"} and found.is_name(place - 2)
    return place - 2 if is_before else None


def _alone(found: Findings, place: int) -> int | None:
    """ "Lunch with Marta. Procurement director."; "Works as data engineer"; "Michael is our champion (Managing Director)"."""
    before, after = found.at(place - 1).kind, found.at(place + 1).kind
    is_alone = before in {".", "\n", "as"} and after in {".", "\n", "at", "@", ""}
    is_of_part = before == "(" and found.at(place - 2).kind in _PARTS
    return found.last_person(place) if is_alone or is_of_part else None


def _touching(found: Findings, place: int) -> int | None:
    return place - 1 if found.is_somebody(place - 1) else None


def _said_to_be(found: Findings, place: int) -> int | None:
    """ "She is the new CFO", "Ana is now CFO", "Ana joined as CFO": the name before, within a few words."""
    is_said = False
    for step in range(place - 1, max(-1, place - _FARTHEST), -1):
        kind = found.at(step).kind
        if kind in _IS:
            is_said = True
        elif kind in _PRONOUNS and is_said:
            return found.last_person(step)
        elif (
            kind == "name"
            and is_said
            and found.is_somebody(step)
            and found.at(step + 1).kind in _BEGINS_TO_BE
        ):
            return step
        elif kind not in _BETWEEN or (
            kind == "name" and is_said and found.at(step - 1).kind not in {"at", "joined", "for", "@"}
        ):
            return None
    return None


def _introduced(found: Findings, place: int) -> int | None:
    """ "Procurement lead Yusuf Demir", "CFO Dr. Albrecht", "their CFO, Dana Moss", "the CEO of Hooli, Gavin Belson"."""
    after = found.at(place + 1)
    if after.kind == "name" and not after.is_business and " " in after.text:
        return place + 1
    if after.kind == "honour" and found.is_name(place + 2):
        return place + 2
    if after.kind in {",", ":", "is", "-"} and found.is_somebody(place + 2):
        return place + 2
    has_house = after.kind in AT and found.kinds(place + 2, 2) == ("name", ",")
    return place + 4 if has_house and found.is_somebody(place + 4) else None


_HOLDERS: tuple[Holder, ...] = (_right_behind, _right_before, _alone, _touching, _said_to_be, _introduced)


def _where(found: Findings, place: int) -> None:
    after = found.at(place + 1).kind
    has_article = after in AT and found.at(place + 2).kind in {"der", "the", "la", "le"}
    where = place + (3 if has_article else 2)
    if after in AT and found.is_name(where) and (after in SURELY_AT or not found.is_somebody(where)):
        found.name_company(1, where)
    elif after == "," and found.is_house(place + 2) and _ends_with_house(found, place):
        found.name_company(1, place + 2)


def _ends_with_house(found: Findings, place: int) -> bool:
    """ "(COO, Ashdown Ceramics)" and "Ana, CFO, Acme."; in "Ana, CFO, Acme (Bob)" it begins anew."""
    following = found.at(place + 3).kind
    in_brackets = found.at(place - 1).kind == "(" and following == ")"
    return in_brackets or (found.is_name(place - 2) and following in {",", ".", "\n", ")", "-"})


def _apposition(found: Findings, place: int) -> None:
    """ "Hanna (release train manager)", "Ana Silva (Compras, Grupo Mar)": the whole of what stands between."""
    opening = found.at(place).kind
    ends = ENDS | {",", ")"}
    end = next((step for step in range(place + 1, place + 9) if found.at(step).kind in ends), place + 1)
    inside = found.items[place + 1 : end]
    if not inside or not found.is_somebody(place - 1):
        return
    if opening == "(" and inside[0].kind == "department":
        found.name_person(place - 1)
        if found.at(end).kind == ",":
            found.name_company(1, end + 1)
    elif _is_job(inside, opening):
        found.name_person(place - 1, " ".join(each.text for each in inside))


def _is_job(inside: list[Item], opening: str) -> bool:
    if len(inside) == 1:
        return fold(inside[0].text) in LOOSE
    kinds = [each.kind for each in inside]
    is_other = kinds[0] in {"role", "name"} or bool(
        set(kinds) & (SURELY_AT | {"our", "their", "from", "who", "is", "honour", "said", "says"})
    )
    return (
        not is_other
        and is_role(" ".join(each.text for each in inside))
        and (opening == "(" or kinds.count("role") == 1)
    )
