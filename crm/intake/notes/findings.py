"""What was found in the items of a note so far: people by their place, and companies by how surely they are the one."""

from dataclasses import dataclass, field

from crm.intake.notes.items import Item
from crm.intake.notes.lexicon import LEGAL, SELLERS
from crm.intake.notes.titles import without_articles

AT = frozenset(
    {"at", "@", "bei", "chez", "of", "from", "for", "de", "von", "der", "du", "des", "with", "over"}
)
SURELY_AT = frozenset({"at", "@", "bei", "chez"})
ENDS = frozenset({".", "!", "?", "\n", ";"})
STATED = 3
LIKELY = 4
_RIVAL = frozenset(
    """competitor competitors competing wettbewerber wettbewerb konkurrent konkurrenz concurrent concurrents concurrence versus vs against compares comparing compare vergleicht uses using
    use paying partner partners via through came formerly ex previously than alternative evaluating switched migrated migrating replace replacing consolidate nutzt nutzen utilise competidor
    competencia bought acquired""".split()
)


@dataclass(slots=True)
class Findings:
    """A job is kept with its person; of companies 0 is the surest."""

    items: list[Item]
    people: dict[int, str] = field(default_factory=dict)
    companies: list[tuple[int, int, str]] = field(default_factory=list)
    places: set[int] = field(default_factory=set)

    def at(self, place: int) -> Item:
        return self.items[place] if 0 <= place < len(self.items) else Item("\n", "", -1)

    def kinds(self, place: int, count: int) -> tuple[str, ...]:
        return tuple(self.at(place + step).kind for step in range(count))

    def is_name(self, place: int) -> bool:
        return self.at(place).kind == "name"

    def is_somebody(self, place: int) -> bool:
        return self.is_name(place) and self.at(place).looks_like_a_person

    def is_house(self, place: int) -> bool:
        return self.is_name(place) and (self.at(place).is_business or not self.at(place).looks_like_a_person)

    def last_person(self, before: int) -> int | None:
        """Of whom it was spoken last, if nobody's job stands there yet."""
        place = next((each for each in range(before - 1, -1, -1) if self.is_somebody(each)), None)
        return None if place is None or self.people.get(place) else place

    def name_person(self, place: int, title: str = "") -> None:
        self.people[place] = self.people.get(place) or without_articles(title)

    def name_company(self, rank: int, place: int) -> None:
        if self.is_name(place) and not self._is_rival(place):
            self.companies.append((rank, place, self.at(place).text))
            if rank <= STATED:
                self.places.add(place)

    def surest(self, *, at_most: int = 9) -> str:
        return min((each for each in self.companies if each[0] <= at_most), default=(0, 0, ""))[2]

    def _is_rival(self, place: int) -> bool:
        """A seller that the house may use instead, or who stands beside a word of competing."""
        words = self.at(place).words
        if words[0] in SELLERS and words[-1] not in LEGAL:
            return True
        for step in range(1, 5):
            kind = self.at(place - step).kind
            if kind in ENDS or kind == "name":
                return False
            if kind in _RIVAL:
                return True
        return False
