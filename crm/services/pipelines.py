"""Pipelines and their stages."""

from django.db import transaction

from crm.enums import StageKind
from crm.models import Pipeline, Stage
from gtmos.kernel.actors import Actor
from gtmos.kernel.permissions import require

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
    probability = {StageKind.WON: 1.0, StageKind.LOST: 0.0}.get(StageKind(kind), 0.3)
    stage, _ = Stage.objects.get_or_create(
        pipeline=pipeline,
        key=key,
        defaults={"name": name, "kind": kind, "probability": probability, "position": 5},
    )
    return stage
