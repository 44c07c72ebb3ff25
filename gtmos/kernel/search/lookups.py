"""`holds`: letters anywhere in a column, in a form that a trigram index answers."""

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


class HoldsOften(Holds):
    """For letters that very many rows hold: no index on the column fits, so the newest rows are walked until enough do."""

    lookup_name = "holds_often"

    def process_lhs(self, compiler: Any, connection: Any, lhs: Any = None) -> Any:
        left, values = super().process_lhs(compiler, connection, lhs)
        return f"({left} || '')", values
