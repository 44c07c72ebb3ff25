"""The companies of an import into their territories, in a few statements however many there are."""

from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.expressions import RawSQL

from crm.models import Company, ImportBatch
from crm.selectors.placing import placed, territories_in_order
from crm.services.import_merging import CREATED
from crm.services.territories import PLACED_BY, place_companies
from gtmos.kernel.actors import Actor
from gtmos.kernel.history.models import Change


def place_imported(batch: ImportBatch, actor: Actor) -> None:
    """What the file made stands there from the start, and nobody has seen it elsewhere; what it changed moves."""
    territories = territories_in_order()
    if not any(each.conditions for each in territories):
        return
    own = Company.objects.filter(pk__in=RawSQL("SELECT id FROM counted_company WHERE kind = %s", (CREATED,)))
    placed(own, territories).filter(falls_into__isnull=False).update(territory=F("falls_into"))
    if actor.user is None:
        for each in territories:
            _give(own.filter(territory=each, owner=None, team=None), owner=each.owner, team=each.team)
    place_companies(_changed(batch), actor=actor, cause_id=batch.pk)


def place_restored(batch: ImportBatch, actor: Actor) -> None:
    """With its old values a company belongs where it was."""
    place_companies(_changed(batch), actor=actor)


def _give(companies: QuerySet[Company], **values: object) -> None:
    given = {name: value for name, value in values.items() if value is not None}
    if given:
        companies.update(**given)


def _changed(batch: ImportBatch) -> QuerySet[Company]:
    """Those that were there before and that the file changed in what a rule looks at."""
    notes = Change.objects.filter(
        cause_id=batch.pk,
        subject_type=Company._meta.label_lower,
        subject_id=OuterRef("pk"),
        changed_fields__has_any_keys=sorted(PLACED_BY),
    )
    return Company.objects.filter(Exists(notes))
