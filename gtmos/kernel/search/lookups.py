"""Letters in a column: `holds` in a form that a trigram index answers, the others for letters that are in very many rows."""

from typing import Any

from django.db.models.lookups import IContains


class Holds(IContains):
    """Django's own `icontains` compares upper-case forms, for which no column here has an index."""

    lookup_name = "holds"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        left, left_values = self.process_lhs(compiler, connection)
        right, right_values = self.process_rhs(compiler, connection)
        return f"{left} ILIKE {right}", (*left_values, *right_values)

    def process_lhs(self, compiler: Any, connection: Any, lhs: Any = None) -> Any:
        del connection
        return compiler.compile(lhs or self.lhs)


class HoldsOften(IContains):
    """For letters that very many rows hold: the newest rows are walked until enough of them do.

    An index on the letters would bring all of them first. A comparison of positions has none, and the planner takes
    it to be true often.
    """

    lookup_name = "holds_often"

    def get_prep_lookup(self) -> str:
        return str(self.rhs).lower()

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        del connection
        left, values = compiler.compile(self.lhs)
        return f"strpos(lower({left}), %s) > 0", (*values, self.rhs)


class BeginsOften(HoldsOften):
    """The same for beginnings, of a column in lower case."""

    lookup_name = "begins_often"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        del connection
        left, values = compiler.compile(self.lhs)
        return f"strpos({left}, %s) BETWEEN 1 AND 1", (*values, self.rhs)
