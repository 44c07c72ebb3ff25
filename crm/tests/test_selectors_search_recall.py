"""Search by meaning behind a filter: as near as comparing everything, and never fewer rows than there are."""

import os
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.db.models import QuerySet

from crm.models import Activity
from gtmos.kernel.search import nearest as search
from gtmos.kernel.search.kinds import kinds
from gtmos.kernel.search.models import DIMENSIONS, Embedding

pytestmark = pytest.mark.django_db
VECTORS = int(os.environ.get("GTMOS_TEST_VECTORS", "20000"))
TOPICS, QUERIES, LIMIT, SEED = 200, 15, 10, 11
SHARES = (1.0, 0.1, 0.01, 0.001)  # of the passages that the filter leaves
ENOUGH = 0.95


@pytest.fixture(scope="module")
def world(django_db_setup: Any, django_db_blocker: Any) -> Any:
    """Passages about some topics, as texts are; made once for the module and taken away again."""
    with django_db_blocker.unblock():
        queries = _filled()
        yield queries
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE kernel_embedding, crm_activity CASCADE")


def _filled() -> Any:
    draw = np.random.default_rng(SEED)
    topics = draw.normal(size=(TOPICS, DIMENSIONS))
    about = draw.integers(TOPICS, size=VECTORS)
    vectors = topics[about] + draw.normal(scale=0.7, size=(VECTORS, DIMENSIONS))
    notes = Activity.objects.bulk_create(
        (
            Activity(type="note", subject=f"n {number}", duration_minutes=number % 30_000)
            for number in range(VECTORS)
        ),
        batch_size=5_000,
    )
    (index,) = Embedding._meta.indexes
    with connection.schema_editor() as editor:
        editor.remove_index(Embedding, index)  # it is built much faster over rows that are there
    columns = "subject_type, subject_id, source_version, number, text, model, dimensions, vector"
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY kernel_embedding ({columns}) FROM STDIN") as copy,
    ):
        for note, vector in zip(notes, vectors, strict=True):
            row = ("activity", note.pk, 1, 0, note.subject, "m", DIMENSIONS)
            copy.write_row((*row, "[" + ",".join(f"{value:.4f}" for value in vector) + "]"))
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '256MB'")
        with connection.schema_editor() as editor:
            editor.add_index(Embedding, index)
        cursor.execute("RESET maintenance_work_mem")
        cursor.execute("ANALYZE kernel_embedding, crm_activity")
    return topics[draw.integers(TOPICS, size=QUERIES)] + draw.normal(scale=0.7, size=(QUERIES, DIMENSIONS))


def seen_by(share: float) -> QuerySet[Activity]:
    """Somebody who may see this share of them, spread over all topics."""
    return Activity.objects.filter(duration_minutes__lt=max(1, round(min(VECTORS, 30_000) * share)))


def through_the_index() -> None:
    """So few rows the planner would rather sort."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")


def keys(found: list[search.Near]) -> list[str]:
    return [str(each.subject_id) for each in found]


@pytest.mark.parametrize("share", SHARES)
def test_nine_and_a_half_of_ten_nearest_are_found_behind_any_filter_and_all_places_are_filled(
    share: float, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the index at every share, also where so few are left that all would be compared."""
    monkeypatch.setattr(search, "EXACT_BELOW", 0)
    kind, visible = kinds()["activity"], seen_by(share)
    mine = search.permitted(kind, visible, model="m", dimensions=DIMENSIONS)
    there, hits, wanted, filled = mine.count(), 0, 0, []
    through_the_index()

    for query in world:
        truth = keys(search.exact(mine, list(query), limit=LIMIT))
        found = keys(search.nearest(kind, list(query), model="m", limit=LIMIT, visible=visible))
        hits, wanted = hits + len({*truth} & {*found}), wanted + len(truth)
        filled.append(len(found))

    print(f"share {share}: {there} of {VECTORS}, recall@{LIMIT} {hits / wanted:.3f}")
    assert filled == [min(LIMIT, there)] * QUERIES
    assert hits / wanted >= ENOUGH


@pytest.mark.parametrize("share", SHARES)
def test_a_small_table_is_compared_as_a_whole(share: float, world: Any) -> None:
    kind, visible = kinds()["activity"], seen_by(share)
    mine = search.permitted(kind, visible, model="m", dimensions=DIMENSIONS)
    query = list(world[0])

    found = search.nearest(kind, query, model="m", limit=LIMIT, visible=visible)

    assert search.is_small_table() == (VECTORS < search.EXACT_BELOW)
    if search.is_small_table():
        assert keys(found) == keys(search.exact(mine, query, limit=LIMIT))


def test_whoever_takes_what_the_walk_brings_leaves_places_empty(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The filter takes rows away after the walk: the tests above can fail."""
    monkeypatch.setattr(search, "EXACT_BELOW", 0)
    monkeypatch.setattr(search, "exact", lambda *_, **__: [])
    kind, visible = kinds()["activity"], seen_by(0.001)
    through_the_index()

    found = [
        len(search.nearest(kind, list(query), model="m", limit=LIMIT, visible=visible)) for query in world
    ]

    assert sum(found) < LIMIT * QUERIES * 0.5
    assert Embedding.objects.count() == VECTORS
