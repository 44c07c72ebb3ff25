"""What the pages remember of people."""

from django.db.models import Q

from gtmos.kernel.privacy.holdings import Holding, impersonal, register
from gtmos.workspace.models import HomeSetting, Recent, WorkspaceState

register(
    Holding(
        Recent,
        "Recently opened",
        of=lambda person: Q(entity_id__in=person.keys),
        follows=True,
        keeps=frozenset({"entity_type", "url"}),
        puts={"label": "Erased person"},
    )
)
impersonal("How a colleague arranged a page: names of tabs and parts, by key.", WorkspaceState)
register(Holding(HomeSetting, "Reports kept on a home", keeps=frozenset({"shown"})))
