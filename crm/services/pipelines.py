"""Pipelines and their stages."""

from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max

from crm.enums import CriterionKind, StageKind
from crm.models import Deal, Pipeline, Stage, StageCriterion
from crm.services.changing import apply_changes, check, locked, refuse_unknown
from crm.services.deals import EDITABLE as DEAL_FIELDS
from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.permissions import require

PIPELINE_FIELDS = frozenset({"name", "is_default"})
STAGE_FIELDS = frozenset(
    {"name", "key", "position", "kind", "probability", "forecast_category", "required_fields", "rot_days"}
)
CRITERION_FIELDS = frozenset({"stage", "moment", "kind", "field", "activity_type", "role", "least", "label"})
# The column that says what a criterion of this kind looks at.
ASKS_FOR = {
    CriterionKind.FIELD: "field",
    CriterionKind.ACTIVITY: "activity_type",
    CriterionKind.ROLE: "role",
}

DEFAULT_STAGES = (
    ("lead", "Lead", StageKind.OPEN, 0.05),
    ("qualification", "Qualification", StageKind.OPEN, 0.15),
    ("discovery", "Discovery", StageKind.OPEN, 0.30),
    ("proposal", "Proposal", StageKind.OPEN, 0.50),
    ("negotiation", "Negotiation", StageKind.OPEN, 0.75),
    ("closed_won", "Closed won", StageKind.WON, 1.0),
    ("closed_lost", "Closed lost", StageKind.LOST, 0.0),
)


@transaction.atomic
def ensure_default_pipeline(*, actor: Actor) -> Pipeline:
    """The pipeline a new installation starts with; an existing one is left as RevOps made it."""
    require(actor, "crm.configure_pipelines")
    existing = Pipeline.objects.filter(is_default=True).first()
    if existing is not None:
        return existing
    pipeline = Pipeline.objects.create(name="Sales", is_default=True)
    Stage.objects.bulk_create(
        Stage(pipeline=pipeline, key=key, name=name, kind=kind, probability=probability, position=position)
        for position, (key, name, kind, probability) in enumerate(DEFAULT_STAGES)
    )
    return pipeline


@transaction.atomic
def ensure_stage(pipeline: Pipeline, *, key: str, name: str, kind: str, actor: Actor) -> Stage:
    """A stage an import brings along; open ones go before the closed ones."""
    require(actor, "crm.import_records")
    known = Stage.objects.filter(pipeline=pipeline, key=key)
    if (stage := known.first()) is not None:
        return stage
    Pipeline.objects.select_for_update().get(pk=pipeline.pk)
    if (stage := known.first()) is not None:  # another import brought it meanwhile
        return stage
    open_ones = Stage.objects.filter(pipeline=pipeline, kind=StageKind.OPEN)
    last = open_ones.aggregate(last=Max("position"))["last"]
    place = 0 if last is None else last + 1
    Stage.objects.filter(pipeline=pipeline, position__gte=place).update(position=F("position") + 1)
    probability = {StageKind.WON: 1.0, StageKind.LOST: 0.0}.get(StageKind(kind), 0.3)
    return Stage.objects.create(
        pipeline=pipeline, key=key, name=name, kind=kind, probability=probability, position=place
    )


@transaction.atomic
def create_pipeline(name: str, *, actor: Actor, is_default: bool = False) -> Pipeline:
    require(actor, "crm.configure_pipelines")
    pipeline = Pipeline(name=name.strip())
    check(pipeline, ["name"])
    if Pipeline.objects.filter(name=pipeline.name).exists():
        raise DomainError(f"There is a pipeline called {pipeline.name} already.", code="name_taken")
    pipeline.save(force_insert=True)
    history.record_creation(pipeline, actor=actor)
    return update_pipeline(pipeline, changes={"is_default": True}, actor=actor) if is_default else pipeline


@transaction.atomic
def update_pipeline(pipeline: Pipeline, *, changes: dict[str, Any], actor: Actor) -> Pipeline:
    """Rename a pipeline, or make it the default one, which the former then no longer is."""
    require(actor, "crm.configure_pipelines")
    pipeline = locked(pipeline)
    if changes.get("is_default") is False and pipeline.is_default:
        raise DomainError("Make another pipeline the default one instead.", code="one_default")
    if changes.get("is_default"):
        for former in Pipeline.objects.select_for_update().filter(is_default=True).exclude(pk=pipeline.pk):
            _change(former, {"is_default": False}, PIPELINE_FIELDS, actor)
    _change(pipeline, changes, PIPELINE_FIELDS, actor)
    return pipeline


@transaction.atomic
def create_stage(pipeline: Pipeline, *, actor: Actor, **fields: Any) -> Stage:
    require(actor, "crm.configure_pipelines")
    stage = Stage(pipeline=pipeline, **fields)
    refuse_unknown(stage, fields, STAGE_FIELDS)
    _check_stage(fields)
    check(stage, ["name", "key", "kind", "probability", "position"])
    try:
        with transaction.atomic():
            stage.save(force_insert=True)
    except IntegrityError as error:
        raise _not_fitting(stage) from error
    history.record_creation(stage, actor=actor)
    return stage


@transaction.atomic
def update_stage(stage: Stage, *, changes: dict[str, Any], actor: Actor) -> Stage:
    """Change a stage; its kind only while no deal stands in it, because a deal's state follows it."""
    require(actor, "crm.configure_pipelines")
    stage = locked(stage)
    _check_stage(changes)
    if changes.get("kind", stage.kind) != stage.kind and Deal.objects.filter(stage=stage).exists():
        raise DomainError(
            f"Deals stand in {stage}. Move them before it becomes another kind.", code="stage_in_use"
        )
    _change(stage, changes, STAGE_FIELDS, actor)
    return stage


@transaction.atomic
def delete_stage(stage: Stage, *, actor: Actor) -> None:
    """Take away a stage that no deal stands in."""
    require(actor, "crm.configure_pipelines")
    stage = locked(stage)
    if Deal.objects.filter(stage=stage).exists():
        raise DomainError(f"Deals stand in {stage}. Move them before it is taken away.", code="stage_in_use")
    history.record(
        stage,
        before={"name": stage.name},
        after={"name": None},
        actor=actor,
        category="DELETED",
        summary=f"Deleted stage {stage}",
    )
    stage.delete()


@transaction.atomic
def add_criterion(stage: Stage, *, actor: Actor, **fields: Any) -> StageCriterion:
    """From now on a deal needs this to enter the stage, or to go on from it; deals that are there stay."""
    require(actor, "crm.configure_pipelines")
    criterion = StageCriterion(stage=stage, **fields)
    refuse_unknown(criterion, fields, CRITERION_FIELDS)
    check(criterion, [*fields, "kind", "moment", "least"])
    _check_least(criterion.least)
    _check_criterion(criterion)
    criterion.save(force_insert=True)
    history.record_creation(criterion, actor=actor)
    return criterion


@transaction.atomic
def update_criterion(criterion: StageCriterion, *, changes: dict[str, Any], actor: Actor) -> StageCriterion:
    require(actor, "crm.configure_pipelines")
    criterion = locked(criterion)
    _check_least(changes.get("least", criterion.least))
    _change(criterion, changes, CRITERION_FIELDS - {"stage"}, actor)
    _check_criterion(criterion)
    return criterion


@transaction.atomic
def delete_criterion(criterion: StageCriterion, *, actor: Actor) -> None:
    """Nothing is asked for any more that this criterion asked for."""
    require(actor, "crm.configure_pipelines")
    criterion = locked(criterion)
    history.record(
        criterion.stage,
        before={"criterion": str(criterion)},
        after={"criterion": None},
        actor=actor,
        category="PIPELINE",
        summary=f"Took away from {criterion.stage}: {criterion}",
    )
    criterion.delete()


def _check_criterion(criterion: StageCriterion) -> None:
    """It can be met: what it looks at is named and exists."""
    column = ASKS_FOR.get(CriterionKind(criterion.kind))
    if column and not getattr(criterion, column):
        raise InvalidInputError(
            f"Choose the {column.replace('_', ' ')} that is asked for.", code="criterion_incomplete"
        )
    if criterion.kind == CriterionKind.FIELD:
        _check_stage({"required_fields": [criterion.field]})


def _check_least(least: Decimal | float) -> None:
    if not least > 0:
        raise InvalidInputError("Ask for more than 0, or nothing is asked for.", code="criterion_incomplete")


def _change(
    record: Pipeline | Stage | StageCriterion, changes: dict[str, Any], allowed: frozenset[str], actor: Actor
) -> None:
    try:
        with transaction.atomic():
            apply_changes(record, changes, allowed=allowed, actor=actor, category="PIPELINE")
    except IntegrityError as error:
        raise _not_fitting(record) from error


def _check_stage(values: dict[str, Any]) -> None:
    """A stage may ask only for fields that somebody can fill."""
    wanted = values.get("required_fields") or []
    if not isinstance(wanted, list):
        raise InvalidInputError("Required fields are a list of names.", code="bad_required_fields")
    unknown = sorted(str(name) for name in wanted if name not in DEAL_FIELDS)
    if unknown:
        raise InvalidInputError(f"A deal has no field {', '.join(unknown)}.", code="unknown_field")


def _not_fitting(record: Pipeline | Stage | StageCriterion) -> DomainError:
    return DomainError(
        f"{record} needs a name and key of its own, and a probability from 0 to 1.", code="does_not_fit"
    )
