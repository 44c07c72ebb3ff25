"""What 0001 to 0003 leave in an empty database, as one step: docs/how-to/squash-migrations.md."""

import django.db.models.deletion
import gtmos.kernel.fsm
import uuid
from django.conf import settings
from django.db import migrations, models
from gtmos.kernel.migrating import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('agents', '0001_initial'),
        ('agents', '0002_initial'),
        ('agents', '0003_inputs'),
    ]

    initial = True

    dependencies = [
        ('kernel', '0010_event_triggers'),
    ]

    operations = [
        CreateModels(
            operations=[
                migrations.CreateModel(
                    name='Message',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('trust', models.CharField(choices=[('user', 'a person here'), ('system', 'the product'), ('untrusted', 'from outside')], max_length=10)),
                        ('text', models.TextField()),
                        ('card', models.JSONField(default=dict, help_text='What the page draws: counts, chips, buttons, links.')),
                        ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='answers', to='agents.message')),
                        ('run', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='messages', to='agents.run')),
                        ('thread', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='agents.thread')),
                    ],
                    options={
                        'ordering': ('created_at',),
                        'indexes': [models.Index(fields=['thread', 'created_at'], name='agents_message_of_thread')],
                    },
                ),
                migrations.CreateModel(
                    name='Run',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('command', models.TextField()),
                        ('planner', models.CharField(default='deterministic', max_length=40)),
                        ('plan', models.JSONField(default=dict)),
                        ('confidence', models.FloatField(default=0)),
                        ('state', models.CharField(choices=[('queued', 'queued'), ('waiting', 'waits for your word'), ('running', 'running'), ('done', 'done'), ('failed', 'failed'), ('cancelled', 'cancelled')], default='queued', max_length=32)),
                        ('permission_snapshot', models.JSONField(default=dict, help_text="The acting person's role and rights then.")),
                        ('key', models.CharField(blank=True, help_text='The same key runs once.', max_length=64)),
                        ('error', models.CharField(blank=True, max_length=500)),
                        ('finished_at', models.DateTimeField(blank=True, null=True)),
                        ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('team', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='kernel.team')),
                        ('thread', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='runs', to='agents.thread')),
                    ],
                    options={
                        'ordering': ('-created_at',),
                        'constraints': [models.UniqueConstraint(condition=models.Q(('key', ''), _negated=True), fields=('owner', 'key'), name='agents_run_once')],
                    },
                    bases=(gtmos.kernel.fsm.StateMixin, models.Model),
                ),
                migrations.CreateModel(
                    name='Step',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('number', models.PositiveSmallIntegerField()),
                        ('tool', models.CharField(max_length=60)),
                        ('arguments', models.JSONField(default=dict)),
                        ('risk', models.CharField(choices=[('read', 'reads'), ('write', 'writes inside'), ('bulk', 'writes many rows'), ('external', 'acts outside'), ('admin', 'configures')], max_length=10)),
                        ('state', models.CharField(choices=[('planned', 'planned'), ('started', 'started'), ('done', 'done'), ('failed', 'failed'), ('undone', 'undone')], default='planned', max_length=10)),
                        ('summary', models.CharField(blank=True, max_length=500)),
                        ('result', models.JSONField(default=dict)),
                        ('undo', models.JSONField(default=dict, help_text='The verb and arguments that take it back; empty: cannot.')),
                        ('error', models.CharField(blank=True, max_length=500)),
                        ('started_at', models.DateTimeField(blank=True, null=True)),
                        ('finished_at', models.DateTimeField(blank=True, null=True)),
                        ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='agents.run')),
                    ],
                    options={
                        'ordering': ('run', 'number'),
                        'constraints': [models.UniqueConstraint(fields=('run', 'number'), name='agents_step_number_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Suggestion',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('key', models.CharField(help_text='The same proposal is made once.', max_length=160, unique=True)),
                        ('kind', models.CharField(max_length=40)),
                        ('title', models.CharField(max_length=200)),
                        ('reason', models.CharField(blank=True, max_length=300)),
                        ('command', models.CharField(help_text='The sentence that accepting runs.', max_length=500)),
                        ('context', models.JSONField(default=dict)),
                        ('subject_type', models.CharField(blank=True, max_length=60)),
                        ('subject_id', models.UUIDField(blank=True, null=True)),
                        ('state', models.CharField(choices=[('open', 'open'), ('accepted', 'accepted'), ('dismissed', 'dismissed')], default='open', max_length=10)),
                        ('decided_at', models.DateTimeField(blank=True, null=True)),
                        ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('team', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='kernel.team')),
                    ],
                    options={
                        'ordering': ('-created_at',),
                        'indexes': [models.Index(fields=['subject_id', 'state'], name='agents_suggestion_subject')],
                    },
                ),
                migrations.CreateModel(
                    name='Thread',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('title', models.CharField(default='New thread', max_length=200)),
                        ('context', models.JSONField(default=dict)),
                        ('last_message_at', models.DateTimeField(blank=True, null=True)),
                        ('is_shared', models.BooleanField(default=False)),
                        ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('team', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='kernel.team')),
                    ],
                    options={
                        'ordering': ('-last_message_at', '-created_at'),
                    },
                ),
                migrations.CreateModel(
                    name='Input',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('source', models.CharField(help_text='Inputs of one source are done one after another.', max_length=80)),
                        ('channel', models.CharField(max_length=20)),
                        ('message_id', models.CharField(blank=True, max_length=100)),
                        ('kind', models.CharField(max_length=20)),
                        ('handler', models.CharField(max_length=20)),
                        ('format_version', models.PositiveSmallIntegerField(default=1)),
                        ('text', models.TextField(blank=True)),
                        ('data', models.JSONField(default=dict)),
                        ('state', models.CharField(choices=[('waiting', 'waiting'), ('running', 'running'), ('done', 'done'), ('failed', 'failed')], default='waiting', max_length=10)),
                        ('attempts', models.PositiveSmallIntegerField(default=0)),
                        ('lease_until', models.DateTimeField(blank=True, null=True)),
                        ('finished_at', models.DateTimeField(blank=True, null=True)),
                        ('error', models.CharField(blank=True, max_length=500)),
                        ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('run', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='agents.run')),
                        ('suggestion', models.ForeignKey(blank=True, help_text='Which proposal of our own this came from.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='inputs', to='agents.suggestion')),
                        ('team', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='kernel.team')),
                    ],
                    options={
                        'ordering': ('-created_at',),
                        'indexes': [models.Index(condition=models.Q(('state__in', ('waiting', 'running'))), fields=['source', 'created_at', 'id'], name='agents_input_turn')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('message_id', ''), _negated=True), fields=('source', 'message_id'), name='agents_input_once')],
                    },
                ),
            ],
        ),
    ]
