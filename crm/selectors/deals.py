"""Reading deals, stages and the board."""

from uuid import UUID

from django.db.models import QuerySet

from crm.enums import StageKind
from crm.models import Deal, Pipeline, Stage
from crm.selectors.visibility import get_deal, visible_deals
from gtmos.kernel import history
from gtmos.kernel.exceptions import DomainError, NotFoundError
from gtmos.kernel.once import once

__all__ = [
    "closing_stage",
    "default_pipeline",
    "find_pipeline",
    "find_stage",
    "first_stage",
    "get_deal",
    "pipelines",
    "stage_before_closing",
    "visible_deals",
]


def default_pipeline() -> Pipeline:
    pipeline = Pipeline.objects.prefetch_related("stages").order_by("-is_default", "name").first()
    if pipeline is None:
        raise NotFoundError("There is no pipeline yet. RevOps makes one in the admin.", code="no_pipeline")
    return pipeline


def pipelines() -> QuerySet[Pipeline]:
    """All of them, the default one first; everybody who is signed in may know how deals move."""
    return Pipeline.objects.prefetch_related("stages__criteria")


def find_pipeline(words: str) -> Pipeline:
    """By its name or key; an empty text is the default one."""
    if not words.strip():
        return default_pipeline()
    known = list(pipelines())
    for pipeline in known:
        if words.strip().lower() in {pipeline.name.lower(), str(pipeline.pk)}:
            return pipeline
    names = ", ".join(pipeline.name for pipeline in known)
    raise NotFoundError(f"There is no pipeline called {words}. There are: {names}.", code="unknown_pipeline")


def first_stage(pipeline: Pipeline) -> Stage:
    """Where a new deal begins."""
    stages = Stage.objects.filter(pipeline=pipeline, kind=StageKind.OPEN).prefetch_related("criteria")
    stage = stages.order_by("position", "created_at").first()
    if stage is None:
        raise DomainError(f"The pipeline {pipeline} has no open stage yet.", code="no_stage")
    return stage


def closing_stage(deal: Deal, kind: StageKind) -> Stage:
    stages = Stage.objects.filter(pipeline_id=deal.stage.pipeline_id, kind=kind)
    stage = stages.order_by("position", "created_at").first()
    if stage is None:
        raise DomainError(f"The pipeline of {deal} has no stage for deals that are {kind}.", code="no_stage")
    return stage


def stage_before_closing(deal: Deal) -> Stage:
    """The last open stage in which the deal stood, by its history; the first one where history does not say."""
    moves = history.of_record(deal).filter(changed_fields__contains=["stage"])
    for noted in moves.values_list("previous_values__stage", flat=True):
        stage = _noted_stage(deal.stage.pipeline_id, noted)
        if stage is not None and stage.kind == StageKind.OPEN:
            return stage
    return first_stage(deal.stage.pipeline)


def _noted_stage(pipeline_id: UUID, noted: object) -> Stage | None:
    stages = Stage.objects.filter(pipeline_id=pipeline_id)
    if isinstance(noted, dict):
        return stages.filter(pk=noted["id"]).first()
    return stages.filter(name=str(noted)).first()


def stage_names() -> dict[str, str]:
    """The stages of all pipelines by their key; where pipelines call one differently, all its names."""
    return once("crm.stage_names", _stage_names)


def _stage_names() -> dict[str, str]:
    found: dict[str, dict[str, None]] = {}
    for key, name in Stage.objects.values_list("key", "name"):
        found.setdefault(key, {})[name] = None
    return {key: " / ".join(names) for key, names in found.items()}


def find_stage(words: str, *, pipeline: Pipeline | None = None) -> Stage:
    """A stage by its key or name, in the given pipeline or the default one."""
    stages = Stage.objects.filter(pipeline=pipeline or default_pipeline())
    key = words.strip().lower().replace(" ", "_").replace("-", "_")
    for stage in stages:
        if key in {stage.key.replace("-", "_"), stage.name.lower().replace(" ", "_")}:
            return stage
    names = ", ".join(stage.name for stage in stages)
    raise NotFoundError(f"There is no stage called {words}. There are: {names}.", code="unknown_stage")
