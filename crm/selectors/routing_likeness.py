"""What of a record decides who gets it, as columns: records with the same values there get the same decision."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import F, Value
from django.db.models.expressions import RawSQL
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Cast, Coalesce, NullIf

from crm.models import Company, Contact
from crm.selectors.routing import ACCOUNT, Newcomer

MODELS: dict[str, type[Newcomer]] = {"company": Company, "contact": Contact}
CALLED: dict[str, Any] = {"company": F("name"), "contact": Coalesce(NullIf("name", Value("")), "email")}
# Who could be given it without a turn, and what the note of it says was there before.
ALWAYS = {
    "company": ("owner_id", "team_id", "version", "territory_id", "parent__owner_id", "parent__team_id"),
    "contact": (
        "owner_id",
        "team_id",
        "version",
        "company__owner_id",
        "company__team_id",
        "company__territory_id",
    ),
}
WORKED_OUT_OF = {
    "territory": ("territory_id",),
    "authority_score": ("influence_role", "seniority", "title", "authority_override"),
}
Case = tuple[Any, ...]
Row = tuple[UUID, str, Case]


def cases(about: str, keys: Sequence[UUID], names: Collection[str]) -> Iterator[Row]:
    """Of each record its key, what it is called, and the values that decide; in the order of the keys."""
    # As one array: of rows that were just written the database knows no numbers to plan by.
    named = RawSQL("SELECT unnest(%s::uuid[])", [list(keys)])
    found = MODELS[about]._default_manager.filter(pk__in=named).order_by("pk")
    for key, called, *values in found.values_list("pk", CALLED[about], *deciding(about, names)):
        yield key, called, tuple(values)


def deciding(about: str, names: Collection[str]) -> list[Any]:
    """The columns behind these names of rules; for a name that is no column the key, so that each decides for itself."""
    paths = dict.fromkeys(ALWAYS[about])
    expressions = []
    for name in sorted(names):
        is_of_account = name.startswith(ACCOUNT)
        model, path = (Company, "company__") if is_of_account else (MODELS[about], "")
        bare = name.removeprefix(ACCOUNT) if is_of_account else name
        if bare.startswith("custom."):
            expressions.append(_text(KeyTransform(bare.removeprefix("custom."), f"{path}custom")))
        elif bare in WORKED_OUT_OF:
            paths.update(dict.fromkeys(f"{path}{each}" for each in WORKED_OUT_OF[bare]))
        else:
            expressions.append(_column(model, bare, path))
    return [*paths, *expressions]


def _column(model: type[models.Model], name: str, path: str) -> Any:
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return F("pk")
    assert isinstance(field, models.Field)
    is_many = isinstance(field, (models.JSONField, ArrayField))
    return _text(F(path + name)) if is_many else F(path + field.attname)


def _text(values: Any) -> Cast:
    """Lists and objects as they are written: `1` is not `"1"`."""
    return Cast(values, models.TextField())
