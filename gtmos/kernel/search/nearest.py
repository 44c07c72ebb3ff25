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
SETTINGS = {"hnsw.iterative_scan": "strict_order", "hnsw.ef_search": "120", "hnsw.max_scan_tuples": "200000"}


@dataclass(frozen=True, slots=True)
class Near:
    subject_id: UUID
    text: str
    distance: float


def nearest(
    kind: Kind, vector: Sequence[float], *, model: str, limit: int, visible: QuerySet[Any]
) -> list[Near]:
    """Passages of visible records, nearest first.

    Where the filter leaves few, all are compared: exact, and cheap. Where it leaves many, the index is walked until
    enough have passed the filter; should it give up before, all are compared after all.
    """
    mine = permitted(kind, visible, model=model, dimensions=len(vector))
    if is_small(mine):
        return exact(mine, vector, limit=limit)
    found = approximate(mine, vector, limit=limit)
    return found if len(found) >= limit else exact(mine, vector, limit=limit)


def permitted(kind: Kind, visible: QuerySet[Any], *, model: str, dimensions: int) -> QuerySet[Embedding]:
    """Passages of this model whose record is among the visible ones, decided inside the query."""
    same = visible.select_related(None).order_by().filter(pk=OuterRef("subject_id"))
    passages = Embedding.objects.filter(subject_type=kind.name, model=model, dimensions=dimensions)
    return passages.filter(Exists(same)).order_by()


def is_small(passages: QuerySet[Embedding]) -> bool:
    return passages.values("pk")[:EXACT_BELOW].count() < EXACT_BELOW


def exact(passages: QuerySet[Embedding], vector: Sequence[float], *, limit: int) -> list[Near]:
    """The sum keeps the index out of it."""
    distance = _distance(vector) + Value(0.0, output_field=FloatField())
    return _read(passages, distance, limit)


def approximate(passages: QuerySet[Embedding], vector: Sequence[float], *, limit: int) -> list[Near]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            for name, value in SETTINGS.items():
                cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
        return _read(passages, _distance(vector), limit)


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
