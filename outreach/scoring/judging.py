"""Judging one company or person by the criteria: every criterion gives a part with its reason."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from crm.intake.industries import industry, industry_matches
from crm.intake.text import fold
from outreach.scoring import places, titles
from outreach.scoring.chips import WORDS
from outreach.scoring.criteria import OUT, Criteria, number_of
from outreach.scoring.facts import CompanyFacts, PersonFacts, SignalFact
from outreach.scoring.formulas import Part

WEIGHTS = {
    "titles": 3.0, "industries": 2.0, "locations": 2.0, "funding_stages": 2.0, "signals": 2.0, "similar_to": 2.0,
    "signal_detail": 1.0, "headcount": 1.0, "revenue": 1.0, "technologies": 1.0, "segment": 1.0,
    "reach": 1.0, "role": 1.0,
}  # fmt: skip
# Without knowing these a row is no result; the others may be unknown and then count as one half.
MUST_BE_KNOWN = frozenset({"titles", "industries", "locations", "funding_stages", "signals", "similar_to"})
OLD_STAGE = timedelta(days=730)
OLD_STAGE_VALUE = 0.75
BROADER_VALUE = 0.9
# A signal older than this says nothing about today.
FRESH = {"funding": timedelta(days=365), "news": timedelta(days=90), "website_visit": timedelta(days=60)}
FRESH_OTHERWISE = timedelta(days=180)
SEGMENTS = {"enterprise": (1000, None), "mid_market": (100, 999), "smb": (1, 99), "startup": (1, 50)}
EARLY_STAGES = frozenset({"Pre-Seed", "Seed", "Series A", "Series B"})
ADDRESS_VALUES = {
    "verified": 1.0, "catch_all": 0.5, "extrapolated": 0.5, "unknown": None, "unavailable": 0.0, "bounced": 0.0,
}  # fmt: skip
ROLE_VALUES = {
    "decision_maker": 1.0, "champion": 1.0, "influencer": 0.7, "user": 0.4, "blocker": 0.0, "unknown": None,
}  # fmt: skip


Verdict = dict[str, Part]
Test = Callable[[CompanyFacts], Part]


@dataclass(slots=True)
class Judge:
    """Criteria, read once and applied to many rows. `model` is the company that results should resemble."""

    criteria: Criteria
    today: date
    model: CompanyFacts | None = None
    tests: list[Test] = field(default_factory=list)

    def __post_init__(self) -> None:
        asked: dict[str, Test] = {
            "industries": self._industry,
            "funding_stages": self._stage,
            "locations": self._place,
            "headcount": self._size,
            "revenue": self._revenue,
            "technologies": self._technology,
            "segment": self._segment,
        }
        self.tests = [test for name, test in asked.items() if self.criteria.get(name)]
        if self.model is not None:
            self.tests.append(self._similar)
        if any(self.criteria.get(OUT + name) for name in (*asked, "companies")):
            self.tests.append(self._excluded)

    def company(self, facts: CompanyFacts) -> Verdict:
        return {part.criterion: part for part in (test(facts) for test in self.tests)}

    def signals(self, known: Iterable[SignalFact]) -> Verdict:
        """Hiring and its like are known by dated signals alone; none known is not "no"."""
        wanted: list[str] = self.criteria.get("signals", [])
        unwanted = self.criteria.get(OUT + "signals", [])
        fresh = [signal for signal in known if is_fresh(signal, self.today)]
        verdict: Verdict = {}
        if wanted:
            verdict["signals"] = self._wanted_signals(wanted, fresh)
        if unwanted and any(signal.type in unwanted for signal in fresh):
            verdict["excluded"] = Part("excluded", 0.0, 0.0, "has a signal that is left out")
        if self.criteria.get("signal_detail"):
            about = [signal for signal in fresh if not wanted or signal.type in wanted]
            verdict["signal_detail"] = _about(str(self.criteria["signal_detail"]), about)
        return verdict

    def _wanted_signals(self, wanted: list[str], fresh: list[SignalFact]) -> Part:
        missing = [kind for kind in wanted if all(signal.type != kind for signal in fresh)]
        if missing:
            kinds = " and ".join(WORDS.get(kind, kind) for kind in missing)
            return _part("signals", None, f"no signals known: {kinds}")
        return _part("signals", 1.0, "signals are known")

    def person(self, facts: PersonFacts) -> Verdict:
        parts = [self._title(facts), _reach(facts), _role(facts)]
        if self._is_unwanted(facts):
            parts.append(Part("excluded", 0.0, 0.0, "has a title that is left out"))
        return {part.criterion: part for part in parts if part is not None}

    def _title(self, facts: PersonFacts) -> Part | None:
        wishes = [titles.wish(title) for title in self.criteria.get("titles", [])]
        levels: list[str] = self.criteria.get("seniority", [])
        if not wishes and not levels:
            return None
        if not facts.title and not facts.seniority:
            return _part("titles", None, "title not known")
        if any(_has(want, facts, levels) for want in wishes):
            return _part("titles", 1.0, "title fits")
        # "CMOs and VPs": a level beside a whole title is another wish; beside a department it narrows it.
        narrows = any(not want.seniority for want in wishes)
        if facts.seniority in levels and not narrows:
            return _part("titles", 1.0, "level fits")
        return _part("titles", 0.0, "another title")

    def _is_unwanted(self, facts: PersonFacts) -> bool:
        unwanted = [titles.wish(title) for title in self.criteria.get(OUT + "titles", [])]
        return facts.seniority in self.criteria.get(OUT + "seniority", []) or any(
            _has(want, facts, []) for want in unwanted
        )

    def _industry(self, facts: CompanyFacts) -> Part:
        if not (facts.industry or facts.sub_industry or facts.tags):
            return _part("industries", None, "industry not known")
        wanted: list[str] = self.criteria["industries"]
        if not any(_in_industry(name, facts) for name in wanted):
            return _part("industries", 0.0, "another industry")
        own = {industry(facts.industry), industry(facts.sub_industry), *map(industry, facts.tags)}
        exact = own & set(wanted)
        return _part("industries", 1.0 if exact else BROADER_VALUE, facts.industry or "tagged so")

    def _stage(self, facts: CompanyFacts) -> Part:
        if not facts.funding_stage:
            return _part("funding_stages", None, "stage not known")
        if facts.funding_stage not in self.criteria["funding_stages"]:
            return _part("funding_stages", 0.0, "another stage")
        if facts.dated_on is not None and self.today - facts.dated_on > OLD_STAGE:
            return _part("funding_stages", OLD_STAGE_VALUE, f"stage as of {facts.dated_on:%b %Y}")
        return _part("funding_stages", 1.0, facts.funding_stage)

    def _place(self, facts: CompanyFacts) -> Part:
        if not facts.spots:
            return _part("locations", None, "place not known")
        met = any(places.is_in(places.wanted(name), facts.spots) for name in self.criteria["locations"])
        return _part("locations", 1.0 if met else 0.0, "place fits" if met else "another place")

    def _size(self, facts: CompanyFacts) -> Part:
        return _within("headcount", facts.employee_size, self.criteria["headcount"], "size")

    def _revenue(self, facts: CompanyFacts) -> Part:
        wanted = self.criteria["revenue"]
        currencies = {end["currency"] for end in wanted.values()}
        if facts.revenue_amount is not None and currencies != {facts.revenue_currency or "USD"}:
            return _part("revenue", None, "revenue in another currency")
        return _within("revenue", facts.revenue_amount, wanted, "revenue")

    def _technology(self, facts: CompanyFacts) -> Part:
        if not facts.technologies:
            return _part("technologies", None, "technology not known")
        own = {fold(name) for name in facts.technologies}
        used = [name for name in self.criteria["technologies"] if fold(name) in own]
        return _part(
            "technologies", 1.0 if used else 0.0, f"uses {used[0]}" if used else "another technology"
        )

    def _segment(self, facts: CompanyFacts) -> Part:
        wanted: list[str] = self.criteria["segment"]
        if "startup" in wanted and facts.funding_stage in EARLY_STAGES:
            return _part("segment", 1.0, "start-up by its stage")
        if facts.employee_size is None:
            return _part("segment", None, "size not known")
        met = any(_inside(facts.employee_size, SEGMENTS[name]) for name in wanted)
        return _part("segment", 1.0 if met else 0.0, "segment fits" if met else "another segment")

    def _similar(self, facts: CompanyFacts) -> Part:
        assert self.model is not None
        value = likeness(self.model, facts)
        if value is None:
            return _part("similar_to", None, "too little known to compare")
        is_like = value >= 0.5 and facts.name != self.model.name
        return _part("similar_to", value if is_like else 0.0, "resembles it" if is_like else "not alike")

    def _excluded(self, facts: CompanyFacts) -> Part:
        """What is not known is not left out."""
        out = {
            name: self.criteria.get(OUT + name, [])
            for name in ("industries", "locations", "funding_stages", "technologies", "segment", "companies")
        }
        own = {fold(name) for name in facts.technologies}
        size = facts.employee_size
        hit = (
            any(_in_industry(name, facts) for name in out["industries"])
            or any(places.is_in(places.wanted(name), facts.spots) for name in out["locations"])
            or facts.funding_stage in out["funding_stages"]
            or any(fold(name) in own for name in out["technologies"])
            or (size is not None and any(_inside(size, SEGMENTS[name]) for name in out["segment"]))
            or fold(facts.name) in map(fold, out["companies"])
        )
        return Part("excluded", 0.0 if hit else 1.0, 0.0, "left out" if hit else "not left out")


def is_fresh(signal: SignalFact, today: date) -> bool:
    return today - signal.occurred_on <= FRESH.get(signal.type, FRESH_OTHERWISE)


def failing(verdict: Mapping[str, Part]) -> list[str]:
    """The criteria that keep a row out of the result."""
    return [name for name, part in verdict.items() if keeps_out(part)]


def keeps_out(part: Part) -> bool:
    if part.criterion in {"reach", "role", "signal_detail"}:
        return False  # these only weigh
    if part.value is None:
        return part.criterion in MUST_BE_KNOWN
    return not part.is_met


def likeness(model: CompanyFacts, facts: CompanyFacts) -> float | None:
    """The share of what can be compared that agrees: industry counts double, then country, size and tags."""
    compared: list[tuple[float, float]] = []
    if model.industry and facts.industry:
        compared.append((2.0, float(_in_industry(model.industry, facts))))
    lands, own_lands = ({spot.country for spot in one.spots if spot.country} for one in (model, facts))
    if lands and own_lands:
        compared.append((1.0, float(bool(lands & own_lands))))
    if model.employee_size and facts.employee_size:
        ratio = facts.employee_size / model.employee_size
        compared.append((1.0, float(1 / 3 <= ratio <= 3)))
    wanted, own = {fold(tag) for tag in model.tags}, {fold(tag) for tag in facts.tags}
    if wanted and own:
        compared.append((1.0, len(wanted & own) / len(wanted | own)))
    weight = sum(part for part, _ in compared)
    return sum(part * value for part, value in compared) / weight if weight >= 2 else None


def _has(want: titles.Wish, facts: PersonFacts, levels: list[str]) -> bool:
    if want.department and not want.seniority and levels:
        return facts.department == want.department and facts.seniority in levels
    return titles.suits(want, title=facts.title, department=facts.department, seniority=facts.seniority)


def _in_industry(name: str, facts: CompanyFacts) -> bool:
    return industry_matches(name, facts.industry, facts.sub_industry, facts.tags)


def _part(criterion: str, value: float | None, reason: str) -> Part:
    return Part(criterion, value, WEIGHTS[criterion], reason)


def _within(criterion: str, own: float | Decimal | None, wanted: Mapping[str, Any], noun: str) -> Part:
    if own is None:
        return _part(criterion, None, f"{noun} not known")
    met = _inside(float(own), (number_of(wanted.get("min")), number_of(wanted.get("max"))))
    return _part(criterion, 1.0 if met else 0.0, f"{noun} fits" if met else f"{noun} off")


def _inside(value: float, ends: tuple[float | None, float | None]) -> bool:
    low, high = ends
    return (low is None or value >= low) and (high is None or value <= high)


def _about(wanted: str, signals: list[SignalFact]) -> Part:
    words = [word for word in fold(wanted).split() if len(word) > 2]
    if any(all(word in fold(signal.detail) for word in words) for signal in signals):
        return _part("signal_detail", 1.0, f"about {wanted}")
    return _part("signal_detail", None, "subject not known")


def _reach(facts: PersonFacts) -> Part:
    words = {"verified": "verified address", "unknown": "address not checked", "bounced": "address bounced"}
    status = facts.email_status
    return _part(
        "reach", ADDRESS_VALUES.get(status), words.get(status, f"address {status.replace('_', '-')}")
    )


def _role(facts: PersonFacts) -> Part:
    role = facts.influence_role
    value = ROLE_VALUES.get(role)
    return _part("role", value, "role not known" if value is None else role.replace("_", " "))
