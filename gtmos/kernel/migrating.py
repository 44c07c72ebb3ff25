"""What a squashed migration is made of."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class CreateModels(Operation):
    """Many models at once, in one transaction with the note that they are there.

    Django renders every model that is tied to a new one anew, for each new one: of a hundred that are tied to people
    that is thousands. Here only the new ones are rendered, all together: a table asks of the tables it is tied to no
    more than their names and keys. They may be tied in circles. What Django puts off until the end of a migration,
    foreign keys and indexes, is done here: otherwise the migration would be noted after its transaction, and a kill
    between the two would leave tables that nobody knows of.
    """

    # A way back through a squashed migration would take every table away; see docs/decisions/0012-squashed-migrations.md.
    reversible = False
    serialization_expand_args = ["operations"]

    def __init__(self, operations: list[CreateModel]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        rendered: Any = state.__dict__.pop("apps", None)
        for each in self.operations:
            each.state_forwards(app_label, state)
        if rendered is not None:
            rendered.render_multiple([state.models[app_label, each.name_lower] for each in self.operations])
            state.__dict__["apps"] = rendered

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for each in self.operations:
            each.database_forwards(app_label, schema_editor, from_state, to_state)
        put_off: list[Any] = [*schema_editor.deferred_sql]
        schema_editor.deferred_sql.clear()
        for statement in put_off:
            schema_editor.execute(statement, None)

    def describe(self) -> str:
        return f"Create {len(self.operations)} models"
