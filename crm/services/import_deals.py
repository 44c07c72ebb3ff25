"""Deals of a file: new ones checked line by line and written in sets, changes through the verb of a person's click."""

import re
from collections.abc import Sequence
from contextlib import nullcontext
from decimal import Decimal
from functools import cached_property
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction

from crm.enums import DealState, StageKind
from crm.intake.reasons import loss_reason_of
from crm.intake.rows import DealRow, Record
from crm.models import Company, Deal, Pipeline, Stage
from crm.selectors.criteria import StageCriteriaError
from crm.selectors.deals import default_pipeline
from crm.services.changing import with_custom
from crm.services.companies import create_company
from crm.services.deals import create_deals, draft_deal, update_deal
from crm.services.import_deal_links import DealLinks
from crm.services.import_deal_lookups import DealKey, Lookups, key_of, owner_in
from crm.services.import_links import wait_for_many
from crm.services.pipelines import ensure_stage
from gtmos.context.models import Product
from gtmos.context.selectors.messages import products
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.fields.schema import fields_of
from gtmos.kernel.fields.values import sorted_out
from gtmos.kernel.permissions import allows, require

AT_A_TIME = 500


class _New(NamedTuple):
    """A line whose deal waits to be written with others."""

    record: Record
    row: DealRow
    deal: Deal
    finding: str


class DealImport:
    """Finds each deal by its key in the source, else by name and company; keeps count."""

    def __init__(self, *, source: str, batch_id: UUID, actor: Actor) -> None:
        self.source = source
        self.batch_id = batch_id
        self.actor = actor
        self.stages: dict[tuple[str, str], Stage] = {}
        self.counts = {"created": 0, "updated": 0, "unchanged": 0}
        self.findings: list[dict[str, Any]] = []
        self.left_out: list[dict[str, Any]] = []
        self.new_stages: list[str] = []
        self.amounts: dict[str, Decimal] = {kind: Decimal(0) for kind in ("won", "lost", "open")}
        self.links = DealLinks(source, batch_id, actor)
        self.new: dict[DealKey, _New] = {}
        self.settled: list[tuple[Deal, DealRow]] = []
        self.known_at: dict[UUID, int] = {}
        self.untouched: set[UUID] = set()
        self.involved: list[dict[str, Any]] = []
        self.refused: list[Record] = []

    @cached_property
    def pipeline(self) -> Pipeline:
        """Asked only when the file holds a deal; a list of people needs no pipeline."""
        return default_pipeline()

    def take(self, records: Sequence[Record]) -> list[Record]:
        """Each line for itself; those that were refused come back with the reason."""
        for start in range(0, len(records), AT_A_TIME):
            part = [(record, record.deal) for record in records[start : start + AT_A_TIME] if record.deal]
            self.lookups = Lookups((row for _, row in part), source=self.source, actor=self.actor)
            for record, row in part:
                self._take(record, row)
            self._write()
            self._tie_further()
        self.findings.sort(key=itemgetter("line"))
        return sorted(self.refused, key=attrgetter("line"))

    def _take(self, record: Record, row: DealRow) -> None:
        self.pipeline  # noqa: B018 -- without one no line can be taken
        brings_company = self._needs_company(row)
        self._write_before(row, None)
        try:
            stage = self._stage(row)  # stays when the line does not: other lines may stand in it
            with transaction.atomic() if brings_company else nullcontext():
                self._one(record, row, stage)
        except DomainError as error:
            self.refused.append(record._replace(rejected=error.message))
            if brings_company:
                self.lookups.forget_company(row)
        else:
            self._tell_of_owner(record, row)

    def _tell_of_owner(self, record: Record, row: DealRow) -> None:
        """Whom nobody here knows stays as words with the deal."""
        said = owner_in(row)
        if said and self.lookups.owner(row) is None:
            reason = (
                f"Nobody here has the address {said}."
                if row.owner_email
                else f"No one person here is called {said}."
            )
            self.left_out.append({"line": record.line, "value": said, "reason": reason})

    def _one(self, record: Record, row: DealRow, stage: Stage) -> None:
        company = self._company(row)
        self._write_before(row, company)
        values = self._values(row, company)
        known = self.lookups.deal(row, company)
        if known is None:
            self.new[key_of(row, company)] = self._drafted(record, row, company, stage, values)
            return
        changes = {**values, "stage": stage}
        self.known_at[known.pk] = record.line
        if self._says_nothing_new(known, changes):
            self._count("unchanged", row)
            self.untouched.add(known.pk)
            self.settled.append((known, row))
            return
        self._update(row, known, changes)

    def _write_before(self, row: DealRow, company: Company | None) -> None:
        """Where an earlier line made the same deal, this one changes it."""
        if key_of(row, company) in self.new:
            self._write()

    def _update(self, row: DealRow, known: Deal, changes: dict[str, Any]) -> None:
        before = known.version
        with transaction.atomic():
            after = update_deal(known, changes=changes, actor=self.actor, cause_id=self.batch_id)
        self.lookups.deals[key_of(row, after.company)] = after
        wait_for_many(self.links.missing(after, row))
        self.settled.append((after, row))
        self._count("updated" if after.version != before else "unchanged", row)

    def _says_nothing_new(self, known: Deal, changes: dict[str, Any]) -> bool:
        """As of most lines of a file that comes a second time; who may not change the deal is told so by the verb."""
        given = with_custom(known, changes, actor=self.actor)
        return allows(self.actor, "crm.edit_deal", known) and all(
            getattr(known, name) == value for name, value in given.items()
        )

    def _count(self, outcome: str, row: DealRow) -> None:
        self.counts[outcome] += 1
        self.amounts[row.state] = self.amounts.get(row.state, Decimal(0)) + (row.amount or Decimal(0))

    def _write(self) -> None:
        """All new deals in a few statements; where the database refuses them, each for itself."""
        waiting, self.new = list(self.new.values()), {}
        if not waiting:
            return
        try:
            with transaction.atomic():
                create_deals([new.deal for new in waiting], actor=self.actor, cause_id=self.batch_id)
        except (IntegrityError, DomainError):
            waiting = [new for new in waiting if self._written_alone(new)]
        for new in waiting:
            self.lookups.deals[key_of(new.row, new.deal.company)] = new.deal
            self._count("created", new.row)
            if new.finding:
                self.findings.append({"line": new.record.line, "finding": new.finding})
        wait_for_many([link for new in waiting for link in self.links.missing(new.deal, new.row)])
        self.settled += [(new.deal, new.row) for new in waiting]

    def _tie_further(self) -> None:
        """A deal that gains only people is changed, too; which ones do is kept with the result."""
        named, self.settled = self.settled, []
        gained: dict[UUID, tuple[Deal, list[str]]] = {}
        for deal, person in self.links.tie_further(named, self.lookups):
            gained.setdefault(deal.pk, (deal, []))[1].append(str(person))
        for key in gained.keys() & self.untouched:
            self.untouched.discard(key)
            self.counts["unchanged"] -= 1
            self.counts["updated"] += 1
        self.involved += [
            {"line": self.known_at[key], "deal": str(deal), "people": people}
            for key, (deal, people) in gained.items()
            if key in self.known_at
        ]

    def _written_alone(self, new: _New) -> bool:
        try:
            with transaction.atomic():
                create_deals([new.deal], actor=self.actor, cause_id=self.batch_id)
        except IntegrityError:
            words = f"{new.deal.external_id} already belongs to another deal."
        except DomainError as error:
            words = error.message
        else:
            return True
        self.refused.append(new.record._replace(rejected=words))
        return False

    def _drafted(
        self, record: Record, row: DealRow, company: Company | None, stage: Stage, values: dict[str, Any]
    ) -> _New:
        """In the stage that the file states; where that asks for more, in the last one before that does not."""
        require(self.actor, "crm.create_deal")
        refusal: StageCriteriaError | None = None
        for place in self._places(stage):
            try:
                deal = self._draft(place, row, company, values)
            except StageCriteriaError as error:
                refusal = refusal or error
            else:
                return _New(record, row, deal, f"{refusal.message} It stands in {place}." if refusal else "")
        assert refusal is not None
        raise refusal

    def _places(self, stage: Stage) -> list[Stage]:
        open_before = [
            each
            for each in self.pipeline.stages.all()
            if each.kind == StageKind.OPEN and each.position < stage.position
        ]
        return [stage, *reversed(open_before)] if stage.kind == StageKind.OPEN else [stage]

    def _draft(self, stage: Stage, row: DealRow, company: Company | None, values: dict[str, Any]) -> Deal:
        named = {
            "company",
            "contact",
            "owner",
            "deal_amount",
            "deal_amount_currency",
            "deal_expected_signing_date",
        }
        deal = {"deal_start_date": None, **{key: value for key, value in values.items() if key not in named}}
        owner = values.get("owner")
        if owner is not None:
            deal["team_id"] = next(iter(owner.team_ids), None)
        return draft_deal(
            name=row.name or (company.name if company else "Deal"),
            company=company,
            contact=values.get("contact"),
            actor=self.actor,
            owner=owner,
            amount=row.amount,
            currency=row.currency or "USD",
            stage=stage,
            close_on=row.expected_on,
            is_record_of_the_past=True,
            source=self.source,
            external_id=row.external_id,
            **deal,
        )

    def _values(self, row: DealRow, company: Company | None) -> dict[str, Any]:
        """Only what the file states; a blank cell never empties a field."""
        stated: dict[str, Any] = {
            "company": company,
            "contact": self.lookups.contact(row),
            "owner": self.lookups.owner(row),
            "product": self.products.get(row.product.lower()),
            "deal_amount": row.amount,
            "deal_amount_currency": row.currency,
            "deal_expected_signing_date": row.expected_on,
            "deal_start_date": row.created_on,
            "deal_end_date": row.closed_on,
            "deal_signing_date": row.closed_on if row.state == DealState.WON else None,
            "next_step": row.next_step,
            "lost_reason": loss_reason_of(row.lost_reason),
            "lost_note": row.lost_reason[:300],
            "acquisition_channel_source": row.source[:80],
        }
        values = {name: value for name, value in stated.items() if value not in (None, "")}
        extras = sorted_out(fields_of("deal"), {**row.extras, **self._named_only(row)})
        return {**values, **({"custom": extras} if extras else {})}

    @cached_property
    def products(self) -> dict[str, Product]:
        return {product.name.lower(): product for product in products(actor=self.actor)}

    def _named_only(self, row: DealRow) -> dict[str, str]:
        """A product that nobody has made here, and an owner who is not here, stay as words that can be reported by."""
        product = "" if row.product.lower() in self.products else row.product
        owner = owner_in(row) if self.lookups.owner(row) is None else ""
        named = {"product": product, "owner_name": owner}
        return {name: words for name, words in named.items() if words}

    def _needs_company(self, row: DealRow) -> bool:
        return bool(row.company_name) and self.lookups.company(row) is None

    def _company(self, row: DealRow) -> Company | None:
        """One that nobody knows is made; it goes when its line is refused, so the line is written at once."""
        if not self._needs_company(row):
            return self.lookups.company(row)
        made = create_company(
            row.company_name,
            actor=self.actor,
            cause_id=self.batch_id,
            domain=row.company_domain,
            source=self.source,
            external_id=row.company_external_id,
            external_source=self.source if row.company_external_id else "",
        )
        self.lookups.add_company(row, made)
        return made

    def _stage(self, row: DealRow) -> Stage:
        kind = row.state if row.state in StageKind.values else StageKind.OPEN
        name = row.stage_name or {"won": "Closed won", "lost": "Closed lost"}.get(kind, "Lead")
        known = self.stages.get((name, kind))
        if known is None:
            known = self._find_stage(name, kind)
            self.stages[name, kind] = known
        return known

    def _find_stage(self, name: str, kind: str) -> Stage:
        key = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:60] or kind
        stages = list(self.pipeline.stages.all())
        for stage in stages:
            if stage.kind == kind and (stage.key == key or stage.name.lower() == name.lower()):
                return stage
        if kind != StageKind.OPEN:
            return next(stage for stage in stages if stage.kind == kind)
        self.new_stages.append(name[:100])
        return ensure_stage(self.pipeline, key=key, name=name[:100], kind=kind, actor=self.actor)
