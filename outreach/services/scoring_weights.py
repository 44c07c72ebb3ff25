"""Weights of the fit score: written as a draft, tried, made active; an earlier version is made active again."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from django.db import IntegrityError, transaction

from gtmos.kernel import clock, events, history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.fsm import move
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes
from outreach.enums import WeightsState
from outreach.events import ScoringWeightsActivated
from outreach.models import ScoringWeights
from outreach.scoring.judging import WEIGHTS

DEFINED = ("name", "weights", "fit_share")
MOST = 10
CATEGORY = "SCORING_WEIGHTS"


@transaction.atomic
def create_weights(
    name: str, *, weights: Mapping[str, float], fit_share: float, actor: Actor
) -> ScoringWeights:
    """A draft; nothing is scored by it yet."""
    require(actor, "outreach.configure_scoring")
    version = ScoringWeights(name=name.strip(), weights=dict(weights), fit_share=fit_share)
    _check(version)
    _save(version, new=True)
    history.record_creation(version, actor=actor, values=_defined(version))
    return version


@transaction.atomic
def update_weights(version: ScoringWeights, *, changes: Mapping[str, Any], actor: Actor) -> ScoringWeights:
    """Only a draft is changed: what was active once says how scores came about."""
    require(actor, "outreach.configure_scoring", version)
    version = _held(version)
    if version.state != WeightsState.DRAFT:
        raise DomainError(
            f"{version} was active, so it stays as it is. Add another version instead.", code="not_a_draft"
        )
    before = _defined(version)
    for name in DEFINED:
        if name in changes:
            setattr(version, name, changes[name])
    _check(version)
    if history.record(version, before=before, after=_defined(version), actor=actor, category=CATEGORY):
        _save(version)
    return version


@transaction.atomic
def activate_weights(version: ScoringWeights, *, actor: Actor) -> ScoringWeights:
    """Research that begins from now on scores by these. What was found before keeps its scores."""
    require(actor, "outreach.configure_scoring", version)
    former = ScoringWeights.objects.select_for_update().filter(state=WeightsState.ACTIVE).first()
    version = _held(version)
    if former is not None and former.pk == version.pk:
        raise DomainError(f"{version} are active already.", code="same_state")
    if former is not None:
        _turn(former, former.retire, actor)
    version.activated_at = clock.now()
    _turn(version, version.activate, actor)
    events.publish(ScoringWeightsActivated(weights_id=version.pk), subject=version, actor=actor)
    return version


def _turn(version: ScoringWeights, step: Any, actor: Actor) -> None:
    before = {"state": version.state}
    move(step, refusal=f"{version} cannot change its state so.")
    save_changes(version, "state", "activated_at")
    history.record(version, before=before, after={"state": version.state}, actor=actor, category=CATEGORY)


def _held(version: ScoringWeights) -> ScoringWeights:
    return ScoringWeights.objects.select_for_update().get(pk=version.pk)


def _defined(version: ScoringWeights) -> dict[str, Any]:
    return {name: getattr(version, name) for name in DEFINED}


def _save(version: ScoringWeights, *, new: bool = False) -> None:
    try:
        with transaction.atomic():
            version.save(force_insert=True) if new else save_changes(version, *DEFINED)
    except IntegrityError as error:
        raise DomainError(f"Another version is called {version.name} already.", code="name_taken") from error


def _check(version: ScoringWeights) -> None:
    if not version.name:
        raise InvalidInputError("Say in a few words what is different in it.", code="name_missing")
    strange = sorted(set(version.weights) - set(WEIGHTS))
    if strange:
        raise InvalidInputError(f"There is no criterion {strange[0]}.", code="unknown_criterion")
    wrong = [name for name, value in version.weights.items() if not _is_weight(value)]
    if wrong:
        raise InvalidInputError(f"The weight of {wrong[0]} is a number from 0 to {MOST}.", code="bad_weight")
    if not any({**WEIGHTS, **version.weights}.values()):
        raise InvalidInputError("At least one criterion has to count.", code="no_weight")
    if not 0 <= version.fit_share <= 1:
        raise InvalidInputError("The share of fit is a number from 0 to 1.", code="bad_share")


def _is_weight(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and isfinite(value)
        and 0 <= value <= MOST
    )
