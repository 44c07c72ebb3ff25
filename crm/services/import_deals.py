"""Deals of a file, one by one through the same verbs as a person's click; a file holds thousands, not millions."""

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from crm.enums import DealState, StageKind
from crm.intake.reasons import loss_reason_of
from crm.intake.rows import DealRow, Record
from crm.models import Company, Contact, Deal, Pipeline, SourceKey, Stage
from crm.selectors.criteria import StageCriteriaError
from crm.selectors.deals import default_pipeline
from crm.selectors.visibility import visible_companies, visible_contacts, visible_deals
from crm.services.companies import create_company
from crm.services.deals import create_deal, update_deal
from crm.services.import_links import BY_ADDRESS, wait_for
from crm.services.import_refusals import DEAL
from crm.services.pipelines import ensure_stage
from gtmos.context.models import Product
from gtmos.context.selectors.messages import products
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, NotPermittedError
from gtmos.kernel.fields.schema import fields_of
from gtmos.kernel.fields.values import sorted_out

R = TypeVar("R", Company, Contact)


class DealImport:
    """Finds each deal by its key in the source, else by name and company; keeps count."""

    def __init__(self, *, source: str, batch_id: UUID, actor: Actor) -> None:
        self.source = source
        self.systems = [source, ""] if source == "plain" else [source]
        self.batch_id = batch_id
        self.actor = actor
        self.stages: dict[tuple[str, str], Stage] = {}
        self.counts = {"created": 0, "updated": 0, "unchanged": 0}
        self.findings: list[dict[str, Any]] = []
        self.amounts: dict[str, Decimal] = {kind: Decimal(0) for kind in ("won", "lost", "open")}

    @cached_property
    def pipeline(self) -> Pipeline:
        """Asked only when the file holds a deal; a list of people needs no pipeline."""
        return default_pipeline()

    def take(self, records: Iterable[Record]) -> list[Record]:
        """Each line for itself; those that were refused come back with the reason."""
        return [refused for record in records if (refused := self._taken(record)) is not None]

    def _taken(self, record: Record) -> Record | None:
        row = record.deal
        assert row is not None
        self.pipeline  # noqa: B018 -- without one no line can be taken
        try:
            stage = self._stage(row)  # stays when the line does not: other lines may stand in it
            with transaction.atomic():
                outcome = self._one(record, row, stage)
        except DomainError as error:
            return record._replace(rejected=error.message)
        self.counts[outcome] += 1
        self.amounts[row.state] = self.amounts.get(row.state, Decimal(0)) + (row.amount or Decimal(0))
        return None

    def _one(self, record: Record, row: DealRow, stage: Stage) -> str:
        company = self._company(row)
        values = self._values(row, company)
        known = self._known(row, company)
        if known is None:
            self._wait(self._create(record, row, company, stage, values), row)
            return "created"
        before = known.version
        after = update_deal(
            known, changes={**values, "stage": stage}, actor=self.actor, cause_id=self.batch_id
        )
        self._wait(after, row)
        return "updated" if after.version != before else "unchanged"

    def _create(
        self, record: Record, row: DealRow, company: Company | None, stage: Stage, values: dict[str, Any]
    ) -> Deal:
        """In the stage that the file states; where that asks for more, in the last one before that does not."""
        refusal: StageCriteriaError | None = None
        for place in self._places(stage):
            try:
                with transaction.atomic():
                    deal = self._create_in(place, row, company, values)
            except StageCriteriaError as error:
                refusal = refusal or error
            else:
                if refusal is not None:
                    words = f"{refusal.message} It stands in {place}."
                    self.findings.append({"line": record.line, "finding": words})
                return deal
        assert refusal is not None
        raise refusal

    def _places(self, stage: Stage) -> list[Stage]:
        open_before = [
            each
            for each in self.pipeline.stages.all()
            if each.kind == StageKind.OPEN and each.position < stage.position
        ]
        return [stage, *reversed(open_before)] if stage.kind == StageKind.OPEN else [stage]

    def _wait(self, deal: Deal, row: DealRow) -> None:
        """A company or person that the line names by key, and that is not there yet, is tied when it comes."""
        if deal.company_id is None and row.company_external_id:
            self._wait_for(deal, "company", self.source, row.company_external_id)
        if deal.contact_id is None and (row.contact_email or row.contact_external_id):
            system = BY_ADDRESS if row.contact_email else self.source
            self._wait_for(deal, "contact", system, row.contact_email.lower() or row.contact_external_id)

    def _wait_for(self, deal: Deal, target: str, system: str, key: str) -> None:
        wait_for("deal", deal.pk, target, system=system, key=key, batch_id=self.batch_id)

    def _create_in(self, stage: Stage, row: DealRow, company: Company | None, values: dict[str, Any]) -> Deal:
        named = {"company", "contact", "deal_amount", "deal_amount_currency", "deal_expected_signing_date"}
        deal = {"deal_start_date": None, **{key: value for key, value in values.items() if key not in named}}
        return create_deal(
            name=row.name or (company.name if company else "Deal"),
            company=company,
            contact=values.get("contact"),
            actor=self.actor,
            amount=row.amount,
            currency=row.currency or "USD",
            stage=stage,
            close_on=row.expected_on,
            cause_id=self.batch_id,
            is_record_of_the_past=True,
            source=self.source,
            external_id=row.external_id,
            **deal,
        )

    def _known(self, row: DealRow, company: Company | None) -> Deal | None:
        """By its key even among hidden ones: no second deal may have it."""
        deals = visible_deals(actor=self.actor)
        if not row.external_id:
            return deals.filter(name=row.name, company=company).first()
        known = {"source": self.source, "external_id": row.external_id}
        found = deals.filter(**known).first()
        if found is None and Deal.objects.filter(**known).exists():
            raise NotPermittedError(DEAL, code="not_permitted")
        return found

    def _values(self, row: DealRow, company: Company | None) -> dict[str, Any]:
        """Only what the file states; a blank cell never empties a field."""
        stated: dict[str, Any] = {
            "company": company,
            "contact": self._contact(row),
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
        """A product that nobody has made here, and whose deal it was elsewhere, stay as words that can be reported by."""
        product = "" if row.product.lower() in self.products else row.product
        named = {"product": product, "owner_name": row.owner_name or row.owner_email}
        return {name: words for name, words in named.items() if words}

    def _company(self, row: DealRow) -> Company | None:
        companies = visible_companies(actor=self.actor).order_by("created_at")
        found = None
        if row.company_domain:
            found = companies.filter(domain=row.company_domain).first()
        if found is None and row.company_external_id:
            found = self._by_key(companies, row.company_external_id)
        if found is None and row.company_name_key:
            found = companies.filter(name_key=row.company_name_key).first()
        if found is None and row.company_name:
            found = create_company(
                row.company_name,
                actor=self.actor,
                cause_id=self.batch_id,
                domain=row.company_domain,
                source=self.source,
                external_id=row.company_external_id,
                external_source=self.source if row.company_external_id else "",
            )
        return found

    def _contact(self, row: DealRow) -> Contact | None:
        contacts = visible_contacts(actor=self.actor).order_by("created_at")
        if row.contact_email:
            return contacts.filter(email_key=row.contact_email.lower()).first()
        if row.contact_external_id:
            return self._by_key(contacts, row.contact_external_id)
        return None

    def _by_key(self, records: QuerySet[R], key: str) -> R | None:
        """A key of another system says nothing; one of no system belongs to plain lists, and comes second."""
        known = records.filter(external_id=key, external_source__in=self.systems)
        found = known.order_by("-external_source", "created_at").first()
        if found is not None or self.source == "plain":
            return found
        kind = str(records.model._meta.model_name)
        further = SourceKey.objects.filter(record_type=kind, system=self.source, key=key)
        return records.filter(pk__in=further.values("record_id")).first()

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
        return ensure_stage(self.pipeline, key=key, name=name[:100], kind=kind, actor=self.actor)
