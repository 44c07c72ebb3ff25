"""The passages nearest to a vector among those somebody may see: never fewer than there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, FloatField, OuterRef, QuerySet, Value
from django.db.models.functions import Cast
from pgvector import HalfVector
from pgvector.django import CosineDistance, HalfVectorField

from gtmos.kernel.search.kinds import Kind
from gtmos.kernel.search.models import Embedding

EXACT_BELOW = 50_000
FLOOR = (0, 8)  # the first version of the extension that goes on searching when a filter takes rows away
# So many are walked to; those of them that pass the filter are the nearest if they are clearly more than wanted. Going
# on from there (iterative scan) costs more than comparing the few that pass, and finds fewer of the nearest.
WALKED, ENOUGH = 800, 2
ALL = 2**62


@dataclass(frozen=True, slots=True)
class Near:
    subject_id: UUID
    text: str
    distance: float


def nearest(
    kind: Kind, vector: Sequence[float], *, model: str, limit: int, visible: QuerySet[Any]
) -> list[Near]:
    """Passages of visible records, nearest first.

    A small table is compared as a whole: exact, and cheap. In a large one the index is walked to the nearest of all; where
    too few of those pass the filter, what passes is compared, all of it.
    """
    mine = permitted(kind, visible, model=model, dimensions=len(vector))
    found = [] if is_small_table() else approximate(mine, vector, limit=limit)
    return found or exact(mine, vector, limit=limit)


def permitted(kind: Kind, visible: QuerySet[Any], *, model: str, dimensions: int) -> QuerySet[Embedding]:
    """Passages of this model whose record is among the visible ones, decided inside the query."""
    same = visible.select_related(None).order_by().filter(pk=OuterRef("subject_id"))
    passages = Embedding.objects.filter(subject_type=kind.name, model=model, dimensions=dimensions)
    return passages.filter(Exists(same)).order_by()


def is_small_table() -> bool:
    """By what the database remembers of its last look; a table that it never looked at is new."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reltuples < %s FROM pg_class WHERE oid = %s::regclass",
            [EXACT_BELOW, Embedding._meta.db_table],
        )
        return bool(cursor.fetchone()[0])


def exact(passages: QuerySet[Embedding], vector: Sequence[float], *, limit: int) -> list[Near]:
    """The slice has the database filter first and compare only what is left; the sum keeps the index out of it."""
    mine = Embedding.objects.filter(pk__in=passages.values("pk")[:ALL]).order_by()
    distance = _distance(vector) + Value(0.0, output_field=FloatField())
    return _read(mine, distance, limit)


def approximate(passages: QuerySet[Embedding], vector: Sequence[float], *, limit: int) -> list[Near]:
    """Nothing where too few of the nearest pass the filter: those that pass need not be the nearest then."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('hnsw.ef_search', %s, true)", [str(WALKED)])
        found = _read(passages, _distance(vector), ENOUGH * limit)
    return found[:limit] if len(found) == ENOUGH * limit else []


def _distance(vector: Sequence[float]) -> Any:
    column = Cast("vector", HalfVectorField(dimensions=len(vector)))
    return CosineDistance(column, HalfVector(list(vector)))


def _read(passages: QuerySet[Embedding], distance: Any, limit: int) -> list[Near]:
    rows = passages.order_by(distance).annotate(apart=distance).values_list("subject_id", "text", "apart")
    return [Near(*row) for row in rows[:limit]]


def installed_version() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def version_fault() -> str:
    """Why search by meaning may not be used with this server; nothing when it may. Asked at the start."""
    version = installed_version()
    if not version:
        return "The extension vector is missing."
    enough = tuple(int(part) for part in version.split(".")[:2]) >= FLOOR
    return "" if enough else f"The extension vector is {version}; 0.8 or newer is needed."
