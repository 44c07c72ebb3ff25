"""Reading deals, stages and the board."""

from crm.models import Pipeline, Stage
from crm.selectors.visibility import get_deal, visible_deals
from gtmos.kernel.exceptions import NotFoundError

__all__ = ["default_pipeline", "find_stage", "get_deal", "visible_deals"]


def default_pipeline() -> Pipeline:
    pipeline = Pipeline.objects.prefetch_related("stages").order_by("-is_default", "name").first()
    if pipeline is None:
        raise NotFoundError("There is no pipeline yet. RevOps makes one in the admin.", code="no_pipeline")
    return pipeline


def find_stage(words: str, *, pipeline: Pipeline | None = None) -> Stage:
    """A stage by its key or name, in the given pipeline or the default one."""
    stages = Stage.objects.filter(pipeline=pipeline or default_pipeline())
    key = words.strip().lower().replace(" ", "_").replace("-", "_")
    for stage in stages:
        if key in {stage.key.replace("-", "_"), stage.name.lower().replace(" ", "_")}:
            return stage
    names = ", ".join(stage.name for stage in stages)
    raise NotFoundError(f"There is no stage called {words}. There are: {names}.", code="unknown_stage")
