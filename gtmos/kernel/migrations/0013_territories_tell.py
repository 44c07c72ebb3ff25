"""A change of a territory changes the token by which every process knows that its picture is old.

A trigger, since territories also change when a person or a team they name is deleted.
"""

from django.db import migrations

TELLS = """
CREATE OR REPLACE FUNCTION kernel_configuration_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO kernel_schemastate (id, token, changed_at) VALUES (1, gen_random_uuid(), now())
        ON CONFLICT (id) DO UPDATE SET token = excluded.token, changed_at = excluded.changed_at;
    RETURN NULL;
END $$;
CREATE TRIGGER kernel_territory_tells AFTER INSERT OR UPDATE OR DELETE ON kernel_territory
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_configuration_changed();
INSERT INTO kernel_schemastate (id, token, changed_at) VALUES (1, gen_random_uuid(), now()) ON CONFLICT (id) DO NOTHING;
"""
TELLS_NO_MORE = """
DROP TRIGGER IF EXISTS kernel_territory_tells ON kernel_territory;
DROP FUNCTION IF EXISTS kernel_configuration_changed();
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0012_append_only")]

    operations = [migrations.RunSQL(TELLS, TELLS_NO_MORE)]
