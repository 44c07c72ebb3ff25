"""Campaigns and research in the one search."""

from typing import Any

from crm.selectors import documents
from gtmos.kernel.actors import Actor
from gtmos.kernel.records import visible_to
from gtmos.kernel.search.kinds import Kind, Shown, register
from outreach.models import Campaign, ResearchJob


def _campaigns(*, actor: Actor) -> Any:
    return visible_to(actor, Campaign.objects.all())


def _researches(*, actor: Actor) -> Any:
    return visible_to(actor, ResearchJob.objects.all())


def _campaign(row: Campaign) -> Shown:
    return Shown(row.name, str(row.get_state_display()), ("campaign", str(row.pk)))


def _research(row: ResearchJob) -> Shown:
    return Shown(row.name, str(row.get_state_display()), ("research", str(row.pk)))


register(Kind("campaign", "Campaigns", _campaigns, _campaign, names=("name__lower",), inside="name"))
register(Kind("research", "Research", _researches, _research, names=("name__lower",), inside="name"))
documents.register(
    documents.Carrier("campaign", "Campaigns", _campaigns, "outreach.edit_campaign", "outreach:campaign")
)
