"""What the pages remember of people."""

from django.db.models import Q

from gtmos.kernel.privacy.holdings import Holding, register
from gtmos.workspace.models import Recent

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
