"""Changing the messages of a campaign. Each change voids an approval given before."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max

from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes
from outreach.models import Campaign, Experiment, Step
from outreach.rendering.drafting import LATER_STEP, MINIMUM_GAP_HOURS, MOST_TOUCHES
from outreach.rendering.fields import FIELDS, unknown_places
from outreach.selectors.campaigns import WAITS
from outreach.services.approvals import reopen_content

EDITABLE = frozenset({"subject", "body", "offset_days", "minimum_gap_hours"})
LONGEST_SUBJECT, LONGEST_BODY = 300, 10_000
SHORTEST_GAP_HOURS = 24


@transaction.atomic
def update_step(step: Step, *, changes: dict[str, Any], actor: Actor) -> Step:
    require(actor, "outreach.edit_campaign", step.campaign)
    campaign = reopen_content(step.campaign, what=f"touch {step.number}", actor=actor)
    step = Step.objects.select_for_update().get(pk=step.pk)
    changes = _checked(changes)
    _refuse_tested(campaign, step, changes)
    _refuse_disorder(campaign, step, changes)
    before = history.changed_values(step, changes)
    for name, value in changes.items():
        setattr(step, name, value)
    save_changes(step, *changes)
    history.record(step, before=before, after=changes, actor=actor, category="MESSAGE")
    return step


@transaction.atomic
def add_step(
    campaign: Campaign, *, subject: str, body: str, actor: Actor, offset_days: int | None = None
) -> Step:
    """One more message at the end."""
    require(actor, "outreach.edit_campaign", campaign)
    campaign = reopen_content(campaign, what="steps", actor=actor)
    last = campaign.steps.aggregate(number=Max("number"), day=Max("offset_days"))
    number = (last["number"] or 0) + 1
    if number > MOST_TOUCHES:
        raise DomainError(f"A campaign has at most {MOST_TOUCHES} touches.", code="bad_touches")
    day = offset_days if offset_days is not None else (last["day"] + LATER_STEP if number > 1 else 0)
    step = Step(campaign=campaign, number=number, minimum_gap_hours=MINIMUM_GAP_HOURS, sources=[])
    changes = _checked({"subject": subject, "body": body, "offset_days": day})
    _refuse_disorder(campaign, step, changes)
    for name, value in changes.items():
        setattr(step, name, value)
    step.save(force_insert=True)
    history.record_creation(step, actor=actor)
    return step


@transaction.atomic
def remove_step(step: Step, *, actor: Actor) -> None:
    """Take out the last message; the ones in the middle are rewritten instead, so that numbers stay true."""
    require(actor, "outreach.edit_campaign", step.campaign)
    campaign = reopen_content(step.campaign, what="steps", actor=actor)
    last = campaign.steps.order_by("-number").first()
    if last is None or last.pk != step.pk or last.number == 1:
        raise DomainError("Only the last message can be taken out, and the first one stays.", code="not_last")
    if step.touches.exclude(state__in=WAITS).exists():
        raise DomainError("This message was sent to people already.", code="already_sent")
    history.record(
        campaign,
        before={"touches": step.number},
        after={"touches": step.number - 1},
        actor=actor,
        category="MESSAGE",
    )
    # A mail of it that waits is taken out with it, so that a message that follows under this number can be planned.
    step.touches.filter(state__in=WAITS).delete()
    step.delete()


def _checked(changes: dict[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(changes) - EDITABLE)
    if unknown:
        raise InvalidInputError(f"A message has no {', '.join(unknown)}.", code="unknown_field")
    changes = {**changes, **written(changes)}
    if changes.get("minimum_gap_hours", SHORTEST_GAP_HOURS) < SHORTEST_GAP_HOURS:
        raise InvalidInputError("Between two mails to a person lies at least a day.", code="gap_too_short")
    return changes


def written(changes: Mapping[str, Any]) -> dict[str, str]:
    """Subject and text, as far as they are given, as a mail keeps them; refused where a field is unknown."""
    texts = {}
    if "subject" in changes:
        texts["subject"] = _text(" ".join(changes["subject"].split()), "subject", LONGEST_SUBJECT)
    if "body" in changes:
        texts["body"] = _text(changes["body"].replace("\r\n", "\n").strip(), "text", LONGEST_BODY)
    return texts


def _text(text: str, name: str, longest: int) -> str:
    if not text or len(text) > longest:
        raise InvalidInputError(f"The {name} needs words, at most {longest} characters.", code=f"bad_{name}")
    places = unknown_places(text)
    if places:
        raise InvalidInputError(
            f"Nobody can fill {', '.join(places)}. The fields are {', '.join(FIELDS)}.",
            code="unknown_merge_field",
        )
    return text


def _refuse_tested(campaign: Campaign, step: Step, changes: dict[str, Any]) -> None:
    experiment = Experiment.objects.filter(campaign=campaign).first()
    if experiment is None or step.number != 1:
        return
    if experiment.element == "subject" and "subject" in changes and changes["subject"] != step.subject:
        raise DomainError("The subject is being tested: change the variants instead.", code="tested")
    if experiment.element != "subject" and "{Variant}" not in changes.get("body", step.body):
        raise DomainError("The text keeps {Variant}, the place of what is tested.", code="tested")


def _refuse_disorder(campaign: Campaign, step: Step, changes: dict[str, Any]) -> None:
    if "offset_days" not in changes:
        return
    days = dict(campaign.steps.values_list("number", "offset_days"))
    day = changes["offset_days"]
    before, after = days.get(step.number - 1), days.get(step.number + 1)
    if day < 0 or (before is not None and day <= before) or (after is not None and day >= after):
        raise InvalidInputError("Each message comes later than the one before it.", code="bad_order")
