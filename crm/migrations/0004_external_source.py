"""Keys of different systems may be the same number: the system is kept with the key.

The present indexes on `external_id` serve the look-up; of one key there are as many rows as systems.
"""

from django.db import migrations, models

SYSTEM = models.CharField(blank=True, editable=False, help_text="The system whose key it is.", max_length=40)


class Migration(migrations.Migration):
    dependencies = [("crm", "0003_importbatch_attempts")]

    operations = [
        migrations.AddField(model_name="company", name="external_source", field=SYSTEM.clone()),
        migrations.AddField(model_name="contact", name="external_source", field=SYSTEM.clone()),
    ]
