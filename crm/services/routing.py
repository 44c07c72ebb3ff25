"""Rules of routing: written in a draft, tried on what came in last, then active; and back again."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max

from crm.enums import RoutingState, RoutingTarget
from crm.events import RoutingActivated
from crm.models import RoutingVersion
from crm.selectors.routing import active_routing, fields_for, lines_of, mark_of, taker_names
from crm.selectors.routing_rules import Line, differences, line_of, stored_line, whom
from crm.selectors.routing_trials import Trial, tried
from gtmos.kernel import clock, events, history, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.fields.kinds import Field
from gtmos.kernel.fsm import move
from gtmos.kernel.people.models import Team, User
from gtmos.kernel.permissions import require
from gtmos.kernel.pictures import configuration_changed
from gtmos.kernel.records import save_changes
from gtmos.kernel.rules.comparing import typed_fault

MOST_RULES = 100
MOST_LEADS = 1000
KINDS = ("company", "contact")
TOPIC = "workspace:all"
CHANGED = (
    "Somebody changed the rules while you had this page open, so nothing was saved. "
    "Look at them as they stand now, then save again."
)


class ChangedSinceError(DomainError):
    """The rules are no longer those that were looked at."""


@transaction.atomic
def save_routing(
    rules: Sequence[Mapping[str, Any]], *, actor: Actor, note: str = "", seen: str | None = None
) -> RoutingVersion:
    """Write the draft, all rules of it; there is one draft at a time. It says nothing until it is activated.

    `seen` is the mark of the rules that these were made of; they are refused where it is another one by now.
    """
    require(actor, "crm.configure_routing")
    lines = checked(rules)
    draft = RoutingVersion.objects.select_for_update().filter(state=RoutingState.DRAFT).first()
    if seen is not None and seen != mark_of(draft or active_routing()):
        raise ChangedSinceError(CHANGED, code="changed_since")
    if draft is None:
        return _new(lines, note, actor)
    before = {"rules": _words(lines_of(draft)), "note": draft.note}
    draft.rules, draft.note = [stored_line(line) for line in lines], note
    save_changes(draft, "rules", "note")
    after = {"rules": _words(lines), "note": note}
    history.record(draft, before=before, after=after, actor=actor, category="ROUTING_RULES")
    return draft


def _new(lines: Sequence[Line], note: str, actor: Actor) -> RoutingVersion:
    last = RoutingVersion.objects.aggregate(last=Max("number"))["last"] or 0
    draft = RoutingVersion(number=last + 1, note=note, rules=[stored_line(line) for line in lines])
    draft.save(force_insert=True)
    history.record_creation(draft, actor=actor, values={"rules": _words(lines), "note": note})
    return draft


@transaction.atomic
def activate_routing(version: RoutingVersion, *, actor: Actor) -> RoutingVersion:
    """From now on these rules count. The ones until now are kept; activating them again is the way back."""
    require(actor, "crm.configure_routing")
    former = RoutingVersion.objects.select_for_update().filter(state=RoutingState.ACTIVE).first()
    version = RoutingVersion.objects.select_for_update().get(pk=version.pk)
    if former is not None and former.pk == version.pk:
        raise DomainError(f"{version} is active already.".capitalize(), code="same_state")
    if former is not None:
        _retire(former, actor=actor)
    before = {"state": version.state, "rules": former.number if former else None}
    move(version.activate, refusal=f"{version} cannot be activated.".capitalize())
    version.activated_at = clock.now()
    save_changes(version, "state", "activated_at")
    _tell(version, former, before, actor)
    return version


def _tell(
    version: RoutingVersion, former: RoutingVersion | None, before: dict[str, Any], actor: Actor
) -> None:
    until = former.number if former else 0
    changes = differences(lines_of(former) if former else (), lines_of(version), taker_names())
    named = "; ".join(f"{each['name']}: {each['after'] or 'gone'}" for each in changes)
    history.record(
        version,
        before=before,
        after={"state": version.state, "rules": version.number},
        actor=actor,
        category="ROUTING_RULES",
        summary=f"Active instead of {f'version {until}' if until else 'none'}. {named}",
    )
    events.publish(RoutingActivated(number=version.number, before=until), subject=version, actor=actor)
    configuration_changed()
    live.push(TOPIC)


def _retire(version: RoutingVersion, *, actor: Actor) -> None:
    move(version.retire, refusal=f"{version} is not active.".capitalize())
    save_changes(version, "state")
    before, after = {"state": RoutingState.ACTIVE.value}, {"state": RoutingState.RETIRED.value}
    history.record(version, before=before, after=after, actor=actor, category="ROUTING_RULES")


@transaction.atomic
def stop_routing(*, actor: Actor) -> None:
    """No rules count any more: what comes in is whose it was without them."""
    require(actor, "crm.configure_routing")
    former = RoutingVersion.objects.select_for_update().filter(state=RoutingState.ACTIVE).first()
    if former is None:
        raise DomainError("No rules are active.", code="same_state")
    _retire(former, actor=actor)
    events.publish(RoutingActivated(number=0, before=former.number), subject=former, actor=actor)
    configuration_changed()
    live.push(TOPIC)


@transaction.atomic
def discard_draft(version: RoutingVersion, *, actor: Actor) -> None:
    require(actor, "crm.configure_routing")
    version = RoutingVersion.objects.select_for_update().get(pk=version.pk)
    if version.state != RoutingState.DRAFT:
        raise DomainError("Only a draft is thrown away.", code="not_a_draft")
    before = {"rules": _words(lines_of(version))}
    history.record(version, before=before, after={"rules": None}, actor=actor, category="ROUTING_RULES")
    version.delete()


def simulate_routing(version: RoutingVersion, *, actor: Actor, leads: int = 100) -> Trial:
    """Who would have got the companies and people that came in last, as if nobody had chosen an owner."""
    require(actor, "crm.configure_routing")
    if not 0 < leads <= MOST_LEADS:
        raise InvalidInputError(f"From 1 to {MOST_LEADS} can be tried.", code="too_many_leads")
    return tried(version, leads, actor=actor)


def checked(rules: Sequence[Mapping[str, Any]]) -> list[Line]:
    """The rules as they are kept; refused with a sentence that names the rule."""
    if len(rules) > MOST_RULES:
        raise InvalidInputError(f"At most {MOST_RULES} rules are kept.", code="too_many_rules")
    known = {about: fields_for(about) for about in KINDS}
    lines = [_line(each) for each in rules]
    names = [line.name.casefold() for line in lines]
    for line in lines:
        fault = _fault(line, known)
        if not fault and names.count(line.name.casefold()) > 1:
            fault = "Two rules have this name."
        if fault:
            raise InvalidInputError(f"{line.name or 'A rule'}: {fault}", code="bad_rule")
    _refuse_unknown_takers(lines)
    return lines


def _line(stored: Mapping[str, Any]) -> Line:
    try:
        line = line_of(
            {**stored, "name": str(stored["name"]).strip()[:120], "to": str(stored.get("to") or "")}
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidInputError(
            "A rule has a name, what it is about, conditions and a target.", code="bad_rule"
        ) from error
    has_taker = line.target in {RoutingTarget.PERSON, RoutingTarget.TEAM}
    return Line(line.name, line.about, line.conditions, line.target, line.to if has_taker else "")


def _fault(line: Line, known: Mapping[str, Mapping[str, Field]]) -> str:
    if not line.name:
        return "Give it a name."
    if line.about not in known:
        return "It is about a company or a contact."
    if line.target not in RoutingTarget.values:
        return "Choose who gets it."
    faults = (
        typed_fault(each, known[line.about], noun="field", unknown="There is no field {}.")
        for each in line.conditions
    )
    return next(filter(None, faults), "")


def _refuse_unknown_takers(lines: Sequence[Line]) -> None:
    people = {str(key) for key in User.objects.filter(is_active=True).values_list("pk", flat=True)}
    teams = {str(key) for key in Team.objects.values_list("pk", flat=True)}
    known = {RoutingTarget.PERSON: people, RoutingTarget.TEAM: teams}
    for line in lines:
        if line.target in known and line.to not in known[RoutingTarget(line.target)]:
            raise InvalidInputError(
                f"{line.name}: Choose somebody who works here, or a team.", code="unknown_taker"
            )


def _words(lines: Sequence[Line]) -> list[str]:
    names = taker_names()
    return [f"{line.name}: {line.words}: {whom(line, names)}" for line in lines]
