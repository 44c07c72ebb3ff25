"""Pieces of SQL that an import and its taking back share."""

from collections.abc import Collection

HISTORY = (
    "subject_type, subject_id, timestamp, change_type, change_category, changed_fields, summary, "
    "vector_searchable_text, source, user_id, user_name, previous_values, new_values, version, cause_id"
)
CUSTOM_WORDS = (
    "(SELECT string_agg(value, ' ') FROM jsonb_each_text(ROW.custom) WHERE key = ANY(%(searched_NOUN)s))"
)
# Of a row `m` with the values `before` and `after` as JSON: what differs, and how history says it.
DIFFERENCES = (
    "CROSS JOIN LATERAL (SELECT jsonb_agg(key) AS fields, jsonb_object_agg(key, m.before->key) AS old, "
    "jsonb_object_agg(key, value) AS new, string_agg(format('%%s from %%s to %%s', "
    "replace(regexp_replace(key, '_id$', ''), '_', ' '), coalesce(nullif(left(m.before->>key, 60), ''), 'nothing'), "
    "coalesce(nullif(left(m.after->>key, 60), ''), 'nothing')), '; ') AS words FROM jsonb_each(m.after) "
    "WHERE value IS DISTINCT FROM m.before->key) d"
)


def search_text(noun: str, alias: str, keys: Collection[str] = ()) -> str:
    """What a record is found by, from the columns of a row; `keys` are the custom fields that count, bound as a value."""
    custom = f", {CUSTOM_WORDS.replace('ROW', alias).replace('NOUN', noun)}" if keys else ""
    if noun == "company":
        parts = ["name", "domain", "industry_vertical", "sub_industry"]
        words = ", ".join(f"nullif({alias}.{part}, '')" for part in parts)
        tags = f"(SELECT nullif(string_agg(t, ' '), '') FROM jsonb_array_elements_text({alias}.tags) t)"
        return f"concat_ws(' ', {words}, {tags}, nullif({alias}.city, ''), nullif(left({alias}.description, 400), ''){custom})"
    return f"concat_ws(' ', nullif({alias}.name, ''), nullif({alias}.email, ''), nullif({alias}.title, ''){custom})"
