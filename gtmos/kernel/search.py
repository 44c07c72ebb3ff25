"""Full-text and trigram matching over columns, decided inside the query."""

from typing import Any, TypeVar

from django.contrib.postgres.search import SearchQuery, SearchRank, TrigramWordSimilarity
from django.db.models import F, Model, Q, QuerySet

M = TypeVar("M", bound=Model)


def matching(
    records: QuerySet[M], text: str, *, document: str = "search", words: str = "search_text"
) -> QuerySet[M]:
    """Rows whose document holds the words, or whose text resembles them; best first.

    `document` is a stored tsvector column, "" where there is none; `words` a plain text column with a trigram index.
    """
    text = " ".join(text.split())[:200]
    if not text:
        return records
    if not document:
        near = records.filter(Q(**{f"{words}__icontains": text}) | similar(words, text))
        matched: QuerySet[M] = _ranked(near.annotate(relevance=TrigramWordSimilarity(text, words)))
        return matched
    query = SearchQuery(text, search_type="websearch", config="simple")
    found = records.filter(Q(**{document: query}) | Q(**{f"{words}__icontains": text}) | similar(words, text))
    best: QuerySet[M] = _ranked(
        found.annotate(relevance=SearchRank(F(document), query) + TrigramWordSimilarity(text, words))
    )
    return best


def _ranked(records: Any) -> Any:
    """Best first; the stubs lose the model of an annotated queryset."""
    return records.order_by("-relevance", "-updated_at")


def similar(column: str, text: str) -> Q:
    return Q(**{f"{column}__trigram_word_similar": text}) if len(text) > 2 else Q(pk__in=[])


__all__ = ["matching", "similar"]
