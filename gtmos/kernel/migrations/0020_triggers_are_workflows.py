from django.db import migrations


class Migration(migrations.Migration):
    """The table of triggers goes; every row of it is a workflow since the migration before."""

    dependencies = [
        ("kernel", "0019_take_over_triggers"),
    ]

    operations = [
        migrations.DeleteModel(
            name='EventTrigger',
        ),
    ]
