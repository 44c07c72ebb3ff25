"""How often a worker began with an import, so that one that always breaks off comes to an end."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0002_initial")]

    operations = [
        migrations.AddField(
            model_name="importbatch",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0, help_text="How often a worker began with it."),
        ),
    ]
