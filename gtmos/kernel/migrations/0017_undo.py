"""What each person did lately and how it is taken back."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0016_lists'),
    ]

    operations = [
        migrations.CreateModel(
            name='Deed',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=300)),
                ('undo_url', models.CharField(blank=True, max_length=300)),
                ('changes', models.JSONField(default=list, help_text='Rows of history that it wrote; undoing turns them round.')),
                ('done_at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-done_at', '-id'),
                'indexes': [models.Index(fields=['person', '-done_at', '-id'], name='kernel_deed_newest')],
            },
        ),
    ]
