"""A change of the routing changes the token by which every process knows that its picture is old."""

from django.db import migrations

TELLS = """
CREATE TRIGGER crm_routingversion_tells AFTER INSERT OR UPDATE OR DELETE ON crm_routingversion
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_configuration_changed();
"""
TELLS_NO_MORE = "DROP TRIGGER IF EXISTS crm_routingversion_tells ON crm_routingversion;"


class Migration(migrations.Migration):
    dependencies = [("crm", "0020_alerts"), ("kernel", "0013_territories_tell")]

    operations = [migrations.RunSQL(TELLS, TELLS_NO_MORE)]
