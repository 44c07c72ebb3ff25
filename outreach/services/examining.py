"""One set of companies examined: who fits, with every part of the score, and what kept out the others."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from crm.models import Contact
from crm.selectors.contacts import mail_block
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from outreach.models import Prospect, ResearchJob
from outreach.scoring.criteria import Criteria
from outreach.scoring.facts import CompanyFacts, SignalFact
from outreach.scoring.formulas import Part, fit, intent, least_priority, priority
from outreach.scoring.judging import Judge, Verdict, failing
from outreach.selectors.criteria import facts_of, people_of, person_facts, signals_of
from outreach.selectors.scoring_weights import Weighing, weighing_of
from outreach.selectors.suppression import suppressed_among

SIGNALS_KEPT = 6
SUPPRESSED = "Address is suppressed"


@dataclass(slots=True)
class Tally:
    """What a set adds to the job's counts."""

    companies_found: int = 0
    contacts_examined: int = 0
    contacts_found: int = 0
    blocked: int = 0
    signals_known: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    alone: Counter[str] = field(default_factory=Counter)

    def keep_out(self, verdict: Verdict, names: list[str]) -> None:
        self.rows.update(names)
        self.unknown.update(name for name in names if verdict[name].value is None)
        if len(names) == 1:
            self.alone.update(names)

    def added_to(self, before: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
        parts = {"rows": self.rows, "unknown": self.unknown, "alone": self.alone}
        names = sorted({*before, *self.rows})
        return {
            name: {key: before.get(name, {}).get(key, 0) + counts[name] for key, counts in parts.items()}
            for name in names
        }


@dataclass(frozen=True, slots=True)
class Match:
    """A company that fits, and what is known about it."""

    id: UUID
    verdict: Verdict
    signals: list[SignalFact]


@dataclass(slots=True)
class Examination:
    """Examines sets of rows for one job. Everything is read with the rights of the job's owner."""

    job: ResearchJob
    judge: Judge
    actor: Actor
    now: datetime
    weighing: Weighing

    @classmethod
    def of(cls, job: ResearchJob, *, actor: Actor, model: CompanyFacts | None) -> "Examination":
        now = clock.now()
        return cls(job, Judge(job.criteria, now.date(), model), actor, now, weighing_of(job.scoring))

    @property
    def criteria(self) -> Criteria:
        criteria: Criteria = self.job.criteria
        return criteria

    @property
    def today(self) -> date:
        return self.now.date()

    def examine(self, rows: list[dict[str, Any]]) -> tuple[list[Prospect], Tally]:
        tally = Tally()
        matches = self._matching(rows, tally)
        tally.companies_found = len(matches)
        tally.signals_known = sum(len(match.signals) for match in matches)
        if self.criteria["entity"] == "companies":
            prospects = [self._prospect(match, {}, None) for match in matches]
        else:
            prospects = self._people(matches, tally)
        kept = self._good_enough(prospects, tally)
        self._mark_known(kept)
        return kept, tally

    def _matching(self, rows: list[dict[str, Any]], tally: Tally) -> list[Match]:
        verdicts = {row["id"]: self.judge.company(facts_of(row)) for row in rows}
        by_signals = any(name in self.criteria for name in ("signals", "signal_detail", "exclude_signals"))
        needed = [key for key, verdict in verdicts.items() if by_signals or not failing(verdict)]
        signals = signals_of(needed, actor=self.actor) if needed else {}
        matches = []
        for key, own in verdicts.items():
            known = signals.get(key, [])
            verdict = own | self.judge.signals(known) if by_signals else own
            failed = failing(verdict)
            if failed:
                tally.keep_out(verdict, failed)
            else:
                matches.append(Match(key, verdict, known))
        return matches

    def _people(self, matches: list[Match], tally: Tally) -> list[Prospect]:
        by_company = {match.id: match for match in matches}
        people = people_of(by_company, actor=self.actor) if by_company else []
        tally.contacts_examined = len(people)
        found = []
        for person in people:
            verdict = self.judge.person(person_facts(person))
            failed = failing(verdict)
            if failed:
                names = ["excluded_people" if name == "excluded" else name for name in failed]
                tally.keep_out({**verdict, "excluded_people": Part("excluded", 0.0, 0.0, "")}, names)
            elif person.company_id is not None:
                found.append(self._prospect(by_company[person.company_id], verdict, person))
        self._mark_blocked(found)
        return found

    def _prospect(self, match: Match, verdict: Verdict, person: Contact | None) -> Prospect:
        weighed = (self.weighing.weighed(part) for part in (match.verdict | verdict).values())
        parts = [part for part in weighed if part.weight > 0]
        fit_score = fit(parts)
        intent_score = intent([(s.type, s.occurred_on) for s in match.signals], today=self.today)
        return Prospect(
            id=key_of(self.job.pk, match.id, person.pk if person else None),
            job=self.job,
            company_id=match.id,
            contact=person,
            fit_score=fit_score,
            intent_score=intent_score,
            priority_score=priority(fit_score, intent_score, fit_share=self.weighing.fit_share),
            parts=[part.as_dict() for part in parts],
            signals=[signal.as_dict() for signal in match.signals[:SIGNALS_KEPT]],
        )

    def _mark_blocked(self, prospects: Iterable[Prospect]) -> None:
        """Shown, never hidden: somebody who may not be written to is an answer too."""
        people = {prospect: prospect.contact for prospect in prospects if prospect.contact is not None}
        refused = suppressed_among({person.email for person in people.values() if person.email})
        for prospect, person in people.items():
            block = mail_block(person, now=self.now)
            prospect.blocked_reason = block or (SUPPRESSED if person.email in refused else "")

    def _good_enough(self, prospects: list[Prospect], tally: Tally) -> list[Prospect]:
        least = self.criteria.get("min_grade")
        kept = prospects
        if least:
            floor = least_priority(least) - 1e-9
            kept = [prospect for prospect in prospects if prospect.priority_score >= floor]
            below = len(prospects) - len(kept)
            tally.rows["min_grade"] += below
            tally.alone["min_grade"] += below
        tally.blocked = sum(bool(prospect.blocked_reason) for prospect in kept)
        tally.contacts_found = sum(prospect.contact_id is not None for prospect in kept)
        return kept

    def _mark_known(self, prospects: list[Prospect]) -> None:
        """Of a saved search only those are new whom no earlier run found."""
        if self.job.saved_search_id is None or not prospects:
            return
        earlier = Prospect.objects.filter(
            job__saved_search=self.job.saved_search_id,
            job__owner=self.job.owner_id,
            company_id__in={prospect.company_id for prospect in prospects},
        ).exclude(job=self.job)
        known = set(earlier.values_list("company_id", "contact_id"))
        for prospect in prospects:
            prospect.is_new = (prospect.company_id, prospect.contact_id) not in known


def key_of(job: UUID, company: UUID, person: UUID | None) -> UUID:
    """Equals are shown in the order of their keys, so the record leads: each run then shows them in the same order."""
    record = hashlib.sha256(company.bytes + (person.bytes if person else b"")).digest()[:8]
    return UUID(bytes=record + job.bytes[8:])
