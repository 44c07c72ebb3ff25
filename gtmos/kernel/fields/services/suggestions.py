"""Values that records hold without a field: counted by name, made a field, or dismissed."""

from django.db import connection, transaction
from psycopg import sql

from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.fields.models import CustomField, FieldSuggestion
from gtmos.kernel.fields.objects import object_of, objects
from gtmos.kernel.fields.schema import definition_of, fields_of
from gtmos.kernel.fields.services.conversions import convert
from gtmos.kernel.fields.services.definitions import create_field, key_from
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes

SAMPLES = 3
MOST = 200
COUNT = sql.SQL(
    "SELECT key, count(*), (array_agg(DISTINCT left(value, 80)))[1:{samples}] FROM {table}, jsonb_each_text(custom) "
    "WHERE key <> ALL(%s) AND value IS NOT NULL GROUP BY key ORDER BY count(*) DESC LIMIT {most}"
)


@transaction.atomic
def count_suggestions(*, actor: Actor) -> int:
    """Look through all records; what was dismissed stays so. Returns how many names there are."""
    require(actor, "kernel.configure_fields")
    return sum(_count(noun) for noun in objects())


def _count(noun: str) -> int:
    about = object_of(noun)
    known = [*fields_of(noun), *about.own_keys]
    table = sql.Identifier(about.model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            COUNT.format(table=table, samples=sql.Literal(SAMPLES), most=sql.Literal(MOST)), [known]
        )
        rows = cursor.fetchall()
    FieldSuggestion.objects.filter(object_type=noun, state="open").exclude(
        name__in=[name for name, _, _ in rows]
    ).delete()
    for name, count, samples in rows:
        FieldSuggestion.objects.update_or_create(
            object_type=noun, name=name[:200], defaults={"count": count, "samples": samples}
        )
    return len(rows)


@transaction.atomic
def promote_suggestion(suggestion: FieldSuggestion, *, type: str = "text", actor: Actor) -> CustomField:  # noqa: A002 -- the word that people use
    """Make it a field; the kept values move in, and one that the type does not take stays beside it."""
    require(actor, "kernel.configure_fields")
    suggestion = _open(suggestion)
    label = suggestion.name.replace("_", " ").strip()[:80]
    field = create_field(suggestion.object_type, label, type=type, key=key_from(label), actor=actor)
    if suggestion.name != field.key:
        version = field.versions.get(number=field.version)
        convert(suggestion.name, definition_of(field), actor=actor, version=version)
        version.save(update_fields=["converted", "not_converted"])
    return _ended(suggestion, FieldSuggestion.State.PROMOTED, field, actor)


@transaction.atomic
def dismiss_suggestion(suggestion: FieldSuggestion, *, actor: Actor) -> FieldSuggestion:
    """Nobody is asked about it again; the values stay."""
    require(actor, "kernel.configure_fields")
    suggestion = _open(suggestion)
    suggestion.state = FieldSuggestion.State.DISMISSED
    save_changes(suggestion, "state")
    history.record(
        suggestion, before={"state": "open"}, after={"state": "dismissed"}, actor=actor, category="FIELD"
    )
    return suggestion


def _ended(suggestion: FieldSuggestion, state: str, field: CustomField, actor: Actor) -> CustomField:
    suggestion.state = state
    save_changes(suggestion, "state")
    history.record(
        suggestion, before={"state": "open"}, after={"state": state}, actor=actor, category="FIELD"
    )
    return field


def _open(suggestion: FieldSuggestion) -> FieldSuggestion:
    suggestion = FieldSuggestion.objects.select_for_update().get(pk=suggestion.pk)
    if suggestion.state != FieldSuggestion.State.OPEN:
        raise DomainError(f"{suggestion} is {suggestion.get_state_display()} already.", code="same_state")
    return suggestion
