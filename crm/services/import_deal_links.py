"""Whom the line of a deal names: the company and the contact that are not there yet, and everybody else."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from crm.intake.rows import DealRow
from crm.models import Contact, Deal, PendingLink
from crm.services.import_deal_lookups import Lookups
from crm.services.import_links import wait_for_many
from crm.services.involving import involve
from crm.services.waiting import BY_ADDRESS
from gtmos.kernel.actors import Actor


class DealLinks(NamedTuple):
    """Of one file of one system."""

    source: str
    batch_id: UUID
    actor: Actor

    def missing(self, deal: Deal, row: DealRow) -> list[PendingLink]:
        """A company or person that the line names by key, and that is not there yet, is tied when it comes."""
        links = []
        if deal.company_id is None and row.company_external_id:
            links.append(self._link(deal, "company", row.company_external_id))
        if deal.contact_id is None and (row.contact_email or row.contact_external_id):
            links.append(self._link(deal, "contact", row.contact_email.lower() or row.contact_external_id))
        return links

    def tie_further(
        self, named: Iterable[tuple[Deal, DealRow]], lookups: Lookups
    ) -> list[tuple[Deal, Contact]]:
        """Everybody whom a line names after the first: tied at once, or waiting. Returns who is tied now."""
        pairs: list[tuple[Deal, Contact]] = []
        waiting: list[PendingLink] = []
        for deal, row in named:
            for place, (word, person) in enumerate(lookups.further_contacts(row), start=1):
                if person is None:
                    waiting.append(self._link(deal, "contact", word, place))
                else:
                    pairs.append((deal, person))
        if waiting:
            wait_for_many(waiting)
        return involve(pairs, actor=self.actor, cause_id=self.batch_id)

    def _link(self, deal: Deal, target: str, key: str, place: int = 0) -> PendingLink:
        return PendingLink(
            record_type="deal",
            record_id=deal.pk,
            target_type=target,
            place=place,
            system=BY_ADDRESS if target == "contact" and "@" in key else self.source,
            key=key,
            cause_id=self.batch_id,
        )
