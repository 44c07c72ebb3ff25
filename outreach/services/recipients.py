"""Taking people into a campaign and out of it again, before anything was sent to them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from crm.models import Contact
from crm.selectors.contacts import visible_contacts
from gtmos.kernel import clock, history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.permissions import require
from outreach.channels.email.addresses import canonical
from outreach.enums import EnrollmentState, ProspectState
from outreach.experiments.allocation import assign
from outreach.models import Campaign, Enrollment, Experiment, Prospect, ResearchJob, Variant
from outreach.selectors.campaigns import not_written_to
from outreach.selectors.readiness import NO_PERSON, SAME_ADDRESS, findings, refusals
from outreach.services.approvals import reopen_content

BATCH = 1000


def chosen_prospects(research: ResearchJob, *, only_selected: bool | None) -> list[Prospect]:
    """The selected ones when there are any, else all that were not dismissed; best first."""
    prospects = research.prospects.exclude(state=ProspectState.DISMISSED).order_by("-priority_score", "id")
    selected = prospects.filter(state=ProspectState.SELECTED)
    if only_selected or (only_selected is None and selected.exists()):
        return list(selected)
    return list(prospects)


def enroll(
    campaign: Campaign, chosen: Sequence[tuple[UUID | None, Prospect | None]], *, actor: Actor
) -> dict[str, int]:
    """Enroll (contact, prospect) pairs in this order; returns who was left out and why.

    Who shares an address with somebody in it, in any spelling, would get every mail twice. The same few statements for
    any number of people.
    """
    skipped = Counter({NO_PERSON: sum(contact is None for contact, _ in chosen)})
    wanted = {contact: prospect for contact, prospect in reversed(chosen) if contact is not None}
    order = [contact for contact in dict.fromkeys(contact for contact, _ in chosen) if contact in wanted]
    visible = set(visible_contacts(actor=actor).filter(pk__in=order).values_list("pk", flat=True))
    refused = refusals(visible, now=clock.now())
    skipped.update(refused.values())
    people = [contact for contact in order if contact in visible and contact not in refused]
    people, doubled = _one_for_each_address(campaign, people)
    skipped[SAME_ADDRESS] += doubled
    _create(campaign, people, wanted)
    return {code: count for code, count in skipped.items() if count}


def _one_for_each_address(campaign: Campaign, people: Sequence[UUID]) -> tuple[list[UUID], int]:
    """The first of those whose mail arrives at one address, and how many others there are."""
    known = dict(campaign.enrollments.values_list("contact_id", "contact__email"))
    emails = dict(Contact.objects.filter(pk__in=people).values_list("pk", "email"))
    taken = {canonical(email) for email in known.values()}
    kept = []
    for contact in people:
        address = canonical(emails.get(contact, ""))
        if contact in known or address not in taken:
            kept.append(contact)
            taken.add(address)
    return kept, len(people) - len(kept)


def _create(
    campaign: Campaign, people: Sequence[UUID | None], prospects: dict[UUID, Prospect | None]
) -> None:
    known = set(campaign.enrollments.values_list("contact_id", flat=True))
    start = (campaign.enrollments.aggregate(last=Max("position"))["last"] or 0) + 1 if known else 0
    fresh = [contact for contact in people if contact is not None and contact not in known]
    rows = [
        Enrollment(campaign=campaign, contact_id=contact, prospect=prospects[contact], position=start + index)
        for index, contact in enumerate(fresh)
    ]
    Enrollment.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)


def waiting_people(campaign: Campaign) -> list[tuple[UUID, UUID]]:
    """Enrolment and contact of everybody whose variant can still change, locked."""
    people = not_written_to(campaign.enrollments.exclude(state=EnrollmentState.FINISHED))
    return list(people.select_for_update(of=("self",)).order_by("position").values_list("pk", "contact_id"))


def split_people(experiment: Experiment) -> int:
    """Give everybody to whom nothing was sent their variant by the present split; the same person, the same variant."""
    variants = {variant.letter: variant for variant in experiment.variants.all()}
    weights = {letter: variants[letter].weight for letter in sorted(variants)}
    chosen: dict[str, list[UUID]] = defaultdict(list)
    for key, contact in waiting_people(experiment.campaign):
        chosen[assign(str(experiment.pk), str(contact), weights)].append(key)
    for letter, people in chosen.items():
        give_variant(people, variants[letter], split=experiment.split)
    return sum(len(people) for people in chosen.values())


def give_variant(people: Sequence[UUID], variant: Variant, *, split: int) -> None:
    """Set form: one statement for any number of people."""
    Enrollment.objects.filter(pk__in=people).update(variant=variant, split=split)


@transaction.atomic
def add_recipients(campaign: Campaign, contacts: Iterable[Contact], *, actor: Actor) -> dict[str, int]:
    """Take more people in; returns who was left out and why. An approval given before is void."""
    require(actor, "outreach.edit_campaign", campaign)
    campaign = reopen_content(campaign, what="recipients", actor=actor)
    before = campaign.enrollments.count()
    skipped = enroll(campaign, [(contact.pk, None) for contact in contacts], actor=actor)
    _resplit(campaign)
    _note(campaign, before, actor)
    return skipped


@transaction.atomic
def drop_recipients(campaign: Campaign, *, code: str, actor: Actor) -> int:
    """Take out the people that one finding is about. Nothing was sent to them, so nothing is lost."""
    require(actor, "outreach.edit_campaign", campaign)
    finding = next((each for each in findings(campaign) if each.code == code and each.remedy == "drop"), None)
    if finding is None:
        return 0
    campaign = reopen_content(campaign, what="recipients", actor=actor)
    before = campaign.enrollments.count()
    people = not_written_to(campaign.enrollments.filter(pk__in=finding.people))
    count = people.count()
    people.delete()
    if count < len(finding.people) and not count:
        raise DomainError(
            "These people were written to already; stop their enrolment instead.", code="already_written_to"
        )
    left_out = {**campaign.skipped, code: campaign.skipped.get(code, 0) + count}
    campaign.skipped = left_out
    campaign.save(update_fields=["skipped", "updated_at"])
    _note(campaign, before, actor)
    return count


def _resplit(campaign: Campaign) -> None:
    experiment = Experiment.objects.filter(campaign=campaign).prefetch_related("variants").first()
    if experiment is not None:
        split_people(experiment)


def _note(campaign: Campaign, before: int, actor: Actor) -> None:
    history.record(
        campaign,
        before={"people": before},
        after={"people": campaign.enrollments.count()},
        actor=actor,
        category="RECIPIENTS",
    )
