"""Who gets what comes in, by the active rules; and what other rules would have done. Nothing is written here."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from crm.enums import RoutingState, RoutingTarget
from crm.models import Company, Contact, RoutingTurn, RoutingVersion
from crm.scoring.authority import authority
from crm.selectors.routing_rules import Line, fitting, line_of, next_place
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import NotFoundError
from gtmos.kernel.fields.kinds import NUMBER, Field, fields_by_column
from gtmos.kernel.fields.objects import object_of
from gtmos.kernel.fields.schema import fields_of
from gtmos.kernel.people.models import Membership, Team, User
from gtmos.kernel.permissions import allows
from gtmos.kernel.pictures import Picture
from gtmos.kernel.rules.checking import value_of

ACCOUNT = "company."
# What a rule may name beside the columns of the record.
WORKED_OUT: Mapping[str, Mapping[str, Callable[[Any], Any]]] = {
    "company": {
        "territory": lambda company: str(company.territory or ""),
        "momentum_score": lambda company: company.momentum_score,
    },
    "contact": {
        "authority_score": lambda contact: authority(
            role=contact.influence_role,
            seniority=contact.seniority,
            title=contact.title,
            override=contact.authority_override,
        )
    },
}
SCORES = frozenset({"momentum_score", "authority_score"})
Newcomer = Company | Contact
Decided = tuple[Newcomer, tuple[Line | None, list[str]]]  # the rule that fits, and what was passed over


def active_routing() -> RoutingVersion | None:
    """From memory: nobody changes it."""
    return _ACTIVE.now()


def newest_routing() -> RoutingVersion | None:
    """What the page of routing works on: the draft; without one what is active."""
    return RoutingVersion.objects.filter(state=RoutingState.DRAFT).first() or active_routing()


def mark_of(version: RoutingVersion | None) -> str:
    """Changes whenever its rules do."""
    return f"{version.number}.{version.version}" if version else ""


def is_routed(about: str) -> bool:
    """Whether active rules say who gets new records of this kind."""
    version = active_routing()
    return version is not None and any(line.about == about for line in lines_of(version))


def visible_routing(*, actor: Actor) -> QuerySet[RoutingVersion]:
    """Rules of the house: for those who configure it."""
    versions = RoutingVersion.objects.all()
    return versions if actor.is_system or allows(actor, "crm.configure_routing") else versions.none()


def get_routing(number: int | str, *, actor: Actor) -> RoutingVersion:
    found = visible_routing(actor=actor).filter(number=number).first()
    if found is None:
        raise NotFoundError("There is no such version of the routing.", code="not_found")
    return found


def lines_of(version: RoutingVersion) -> tuple[Line, ...]:
    return tuple(line_of(each) for each in version.rules)


def taker_names() -> dict[str, str]:
    """By key, how people and teams are called; also of those who do not work here any more."""
    people = {str(each.pk): str(each) for each in User.objects.all()}
    return people | {str(each.pk): each.name for each in Team.objects.all()}


def noun_of(record: Newcomer) -> str:
    return str(record._meta.model_name)


def field_choices(about: str) -> list[tuple[str, str]]:
    """What a rule about this kind may look at; one about a contact looks at the company too."""
    own = [
        *((name, name.replace("_", " ")) for name in (*object_of(about).columns, *WORKED_OUT[about])),
        *((each.column, each.label) for each in fields_of(about).values()),
    ]
    if about == "company":
        return own
    return own + [(f"{ACCOUNT}{name}", f"company: {words}") for name, words in field_choices("company")]


def fields_for(about: str) -> dict[str, Field]:
    """The same, with what kind of value each holds."""
    own, accounts = fields_by_column(about), fields_by_column("company")
    known = {name: Field(name, words) for name, words in field_choices(about)}
    known |= {
        name: replace(each, kind=NUMBER)
        for name, each in known.items()
        if name.removeprefix(ACCOUNT) in SCORES
    }
    of_company = {f"{ACCOUNT}{name}": each for name, each in accounts.items()}
    return known | {name: each for name, each in (of_company | own).items() if name in known}


def values_for(record: Newcomer, names: Iterable[str]) -> dict[str, Any]:
    return {name: _value(record, name) for name in names}


def _value(record: Any, name: str) -> Any:
    if not name.startswith(ACCOUNT):
        return value_of(record, name, WORKED_OUT[noun_of(record)])
    return _value(record.company, name.removeprefix(ACCOUNT)) if record.company_id else None


@dataclass(frozen=True, slots=True)
class Given:
    """Who gets a record, by which rule and why. Without an owner no rule fits, and `why` says so."""

    owner: User | None = None
    team: Team | None = None
    rule: str = ""
    why: str = "No rule fits."


@dataclass(slots=True)
class Members:
    """Of one team those who still work here, by their place in its order."""

    team: Team
    by_place: dict[str, User] = field(default_factory=dict)


class House:
    """Who works here and in which teams, read in three statements for however many records."""

    def __init__(self) -> None:
        self.people: dict[UUID, User] = {each.pk: each for each in User.objects.filter(is_active=True)}
        self.teams: dict[UUID, Members] = {each.pk: Members(each) for each in Team.objects.all()}
        self.first_team: dict[UUID, Team] = {}
        # Whoever joined after the first two statements comes with the next record.
        known = Membership.objects.filter(user__in=self.people, team__in=self.teams)
        ordered = known.order_by("created_at", "pk").values_list("team_id", "user_id", "created_at")
        for key, user, joined in ordered:
            members = self.teams[key]
            members.by_place[f"{joined.isoformat()} {user}"] = self.people[user]
            self.first_team.setdefault(user, members.team)

    def person(self, key: UUID | None) -> User | None:
        """Nobody who does not work here any more."""
        return self.people.get(key) if key else None


class Turns:
    """Whose turn it is in each team; forgotten when nobody saves it."""

    def __init__(self, rows: Iterable[RoutingTurn]) -> None:
        self.rows = {row.team_id: row for row in rows}

    def next(self, members: Members) -> User:
        row = self.rows.setdefault(members.team.pk, RoutingTurn(team=members.team))
        row.place = next_place(members.by_place, row.place)
        row.last_user = members.by_place[row.place]
        row.given += 1
        return row.last_user


class Router:
    """The rules of one version over any number of records: first who would do, then whose turn it is."""

    def __init__(self, version: RoutingVersion) -> None:
        self.version = version
        self.lines = lines_of(version)
        self.house = House()
        self.names = {
            about: {each.field for line in self.lines if line.about == about for each in line.conditions}
            for about in ("company", "contact")
        }

    def line_for(self, record: Newcomer) -> tuple[Line | None, list[str]]:
        """The first rule that fits and has somebody to give to, and what was passed over."""
        about, passed = noun_of(record), list[str]()
        values = values_for(record, self.names[about])
        for line in fitting(self.lines, about, values):
            if self.has_somebody(line, record):
                return line, passed
            passed.append(f"{line.name}: nobody there to give it to")
        return None, passed

    def has_somebody(self, line: Line, record: Newcomer) -> bool:
        if line.target == RoutingTarget.TEAM:
            members = self.house.teams.get(UUID(line.to))
            return members is not None and bool(members.by_place)
        return self.taker(line, record)[0] is not None

    def is_about(self, noun: str) -> bool:
        return any(line.about == noun for line in self.lines)

    def taker(self, line: Line, record: Newcomer) -> tuple[User | None, Team | None]:
        """Whoever it is without a turn, and the team the record is then in."""
        if line.target == RoutingTarget.PERSON:
            return self._with_team(UUID(line.to))
        company = record if isinstance(record, Company) else record.company
        if company is None:
            return None, None
        if line.target == RoutingTarget.TERRITORY:
            place = company.territory
            return self._with_team(place.owner_id, place.team_id) if place else (None, None)
        if company is record:
            company = company.parent
        return self._with_team(company.owner_id, company.team_id) if company else (None, None)

    def _with_team(self, key: UUID | None, team_id: UUID | None = None) -> tuple[User | None, Team | None]:
        person = self.house.person(key)
        if person is None:
            return None, None
        members = self.house.teams.get(team_id) if team_id else None
        return person, members.team if members else self.house.first_team.get(person.pk)

    def give(self, records: Sequence[Newcomer], turns: Callable[[set[UUID]], Turns]) -> list[Given]:
        """In the order of the records. The turns of the teams that are needed are asked for once, all together."""
        return self.give_by([(record, self.line_for(record)) for record in records], turns)

    def give_by(self, decided: Sequence[Decided], turns: Callable[[set[UUID]], Turns]) -> list[Given]:
        """The same, where it is known which rule fits each."""
        by_turn = {UUID(line.to) for _, (line, _) in decided if line and line.target == RoutingTarget.TEAM}
        held = turns(by_turn) if by_turn else None
        return [self._given(record, line, passed, held) for record, (line, passed) in decided]

    def _given(self, record: Newcomer, line: Line | None, passed: list[str], held: Turns | None) -> Given:
        if line is None:
            return Given(why="; ".join([*passed, "No rule fits."]))
        why = "; ".join([*passed, line.words])
        if line.target != RoutingTarget.TEAM or held is None:
            return Given(*self.taker(line, record), line.name, why)
        members = self.house.teams[UUID(line.to)]
        return Given(held.next(members), members.team, line.name, why)


def turns_as_they_stand(teams: set[UUID]) -> Turns:
    return Turns(RoutingTurn.objects.filter(team__in=teams))


_ACTIVE = Picture(lambda: RoutingVersion.objects.filter(state=RoutingState.ACTIVE).first())
