"""What 0001 to 0003 leave in an empty database, as one step: docs/how-to/squash-migrations.md."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models
from gtmos.kernel.migrating import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('workspace', '0001_initial'),
        ('workspace', '0002_workspace_state'),
        ('workspace', '0003_homesetting'),
    ]

    initial = True

    dependencies = [
        ('kernel', '0001_initial'),
    ]

    operations = [
        CreateModels(
            operations=[
                migrations.CreateModel(
                    name='Recent',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('entity_type', models.CharField(max_length=60)),
                        ('entity_id', models.UUIDField()),
                        ('label', models.CharField(max_length=200)),
                        ('url', models.CharField(max_length=300)),
                        ('opened_at', models.DateTimeField()),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recents', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ('-opened_at',),
                        'constraints': [models.UniqueConstraint(fields=('user', 'entity_id'), name='workspace_recent_once')],
                    },
                ),
                migrations.CreateModel(
                    name='WorkspaceState',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('entity_id', models.UUIDField()),
                        ('entity_type', models.CharField(max_length=60)),
                        ('tab_states', models.JSONField(blank=True, default=dict)),
                        ('panel_configuration', models.JSONField(blank=True, default=dict)),
                        ('recent_actions', models.JSONField(blank=True, default=list)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ('-updated_at',),
                        'indexes': [models.Index(fields=['user', 'entity_type', '-updated_at'], name='workspace_state_newest')],
                        'constraints': [models.UniqueConstraint(fields=('user', 'entity_type', 'entity_id'), name='workspace_state_once')],
                    },
                ),
                migrations.CreateModel(
                    name='HomeSetting',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('shown', models.CharField(blank=True, help_text='Empty is the home of the role.', max_length=12)),
                        ('pins', models.JSONField(blank=True, default=list, help_text='Reports: title and address.')),
                        ('quick_start_hidden_at', models.DateTimeField(blank=True, null=True)),
                        ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='home_setting', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ('created_at',),
                    },
                ),
            ],
        ),
    ]
