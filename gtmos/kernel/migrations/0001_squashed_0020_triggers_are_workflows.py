"""What 0001 to 0020 leave in an empty database, as one step: docs/how-to/squash-migrations.md."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.utils.timezone
import gtmos.kernel.fsm
import gtmos.kernel.secrets
import pgvector.django.halfvec
import pgvector.django.indexes
import uuid
from django.conf import settings
from django.contrib.postgres.operations import BtreeGinExtension, TrigramExtension, UnaccentExtension
from django.db import migrations, models
from gtmos.kernel.migrating import CreateModels
from pgvector.django import VectorExtension


# The history, its seals, the notes of what was erased and the certificates are only added to. Of a change the content
# may be emptied by an erasure; a fact may be emptied by an erasure and forgotten by retention. Nothing else is
# rewritten, and no table is emptied at once. Adding rows asks nothing of these triggers.
GUARD = """
CREATE FUNCTION kernel_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    purpose text := CASE TG_OP WHEN 'UPDATE' THEN 'gtmos.rewriting' WHEN 'DELETE' THEN 'gtmos.forgetting' ELSE 'gtmos.emptying' END;
BEGIN
    IF (TG_OP = 'TRUNCATE' OR TG_NARGS > 0) AND current_setting(purpose, true) = 'on' THEN
        IF TG_OP = 'TRUNCATE' THEN
            RETURN NULL;
        ELSIF TG_OP = 'DELETE' THEN
            RETURN OLD;
        ELSIF to_jsonb(NEW) - TG_ARGV[0]::text[] = to_jsonb(OLD) - TG_ARGV[0]::text[] THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'The history is only added to.' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER kernel_change_content BEFORE UPDATE ON kernel_change FOR EACH ROW
    EXECUTE FUNCTION kernel_refuse_rewriting('{previous_values,new_values,summary,vector_searchable_text}');
CREATE TRIGGER kernel_change_append_only BEFORE DELETE ON kernel_change
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse_rewriting();
CREATE TRIGGER kernel_change_never_emptied BEFORE TRUNCATE ON kernel_change
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_rewriting();

CREATE TRIGGER kernel_seal_append_only BEFORE UPDATE OR DELETE ON kernel_seal
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse_rewriting();
CREATE TRIGGER kernel_seal_never_emptied BEFORE TRUNCATE ON kernel_seal
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_rewriting();

CREATE TRIGGER kernel_redaction_append_only BEFORE UPDATE OR DELETE ON kernel_redaction
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse_rewriting();
CREATE TRIGGER kernel_redaction_never_emptied BEFORE TRUNCATE ON kernel_redaction
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_rewriting();

CREATE TRIGGER kernel_privacyrequest_append_only BEFORE UPDATE OR DELETE ON kernel_privacyrequest
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse_rewriting();
CREATE TRIGGER kernel_privacyrequest_never_emptied BEFORE TRUNCATE ON kernel_privacyrequest
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_rewriting();

CREATE TRIGGER kernel_eventrecord_append_only BEFORE UPDATE OR DELETE ON kernel_eventrecord
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse_rewriting('{payload}');
CREATE TRIGGER kernel_eventrecord_never_emptied BEFORE TRUNCATE ON kernel_eventrecord
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_rewriting();
"""
# A change of a territory, also because a person or a team it names is deleted, changes the token by which every process
# knows that its picture is old.
TELLS = """
CREATE FUNCTION kernel_configuration_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO kernel_schemastate (id, token, changed_at) VALUES (1, gen_random_uuid(), now())
        ON CONFLICT (id) DO UPDATE SET token = excluded.token, changed_at = excluded.changed_at;
    RETURN NULL;
END $$;
CREATE TRIGGER kernel_territory_tells AFTER INSERT OR UPDATE OR DELETE ON kernel_territory
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_configuration_changed();
INSERT INTO kernel_schemastate (id, token, changed_at) VALUES (1, gen_random_uuid(), now());
"""


class Migration(migrations.Migration):

    replaces = [
        ('kernel', '0001_initial'),
        ('kernel', '0002_access'),
        ('kernel', '0003_search'),
        ('kernel', '0004_webhooks'),
        ('kernel', '0005_custom_fields'),
        ('kernel', '0006_audit'),
        ('kernel', '0007_privacy'),
        ('kernel', '0008_signing_in'),
        ('kernel', '0009_event_priority'),
        ('kernel', '0010_event_triggers'),
        ('kernel', '0011_cause_of_ties'),
        ('kernel', '0012_append_only'),
        ('kernel', '0013_territories_tell'),
        ('kernel', '0014_approvals'),
        ('kernel', '0015_notifications'),
        ('kernel', '0016_lists'),
        ('kernel', '0017_undo'),
        ('kernel', '0018_workflows'),
        ('kernel', '0019_take_over_triggers'),
        ('kernel', '0020_triggers_are_workflows'),
    ]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        BtreeGinExtension(),
        TrigramExtension(),
        UnaccentExtension(),
        VectorExtension(),
        CreateModels(
            operations=[
                migrations.CreateModel(
                    name='Heartbeat',
                    fields=[
                        ('process', models.CharField(max_length=60, primary_key=True, serialize=False)),
                        ('beat_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('detail', models.JSONField(default=dict)),
                    ],
                    options={
                        'ordering': ('process',),
                    },
                ),
                migrations.CreateModel(
                    name='Team',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('name', models.CharField(max_length=100, unique=True)),
                        ('manager', models.ForeignKey(blank=True, help_text="Asked where something of the team's people needs a decision.", null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='managed_teams', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ('name',),
                    },
                ),
                migrations.CreateModel(
                    name='User',
                    fields=[
                        ('password', models.CharField(max_length=128, verbose_name='password')),
                        ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                        ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('email', models.EmailField(max_length=254, unique=True)),
                        ('name', models.CharField(blank=True, max_length=150)),
                        ('role', models.CharField(default='ae', help_text='The key of a role.', max_length=20)),
                        ('time_zone', models.CharField(default='UTC', max_length=64)),
                        ('is_active', models.BooleanField(default=True)),
                        ('is_staff', models.BooleanField(default=False, help_text='May open the RevOps desk under /admin/.')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                        ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                        ('mail_visibility', models.CharField(choices=[('private', 'only me'), ('team', 'my teams'), ('all', 'whoever sees the customer')], default='team', max_length=8)),
                    ],
                    options={
                        'ordering': ('email',),
                    },
                ),
                migrations.CreateModel(
                    name='ApiToken',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('name', models.CharField(default='API', max_length=100)),
                        ('prefix', models.CharField(help_text='The visible beginning, to recognise the key by.', max_length=16)),
                        ('digest', models.CharField(help_text='SHA-256 of the key.', max_length=64, unique=True)),
                        ('scopes', models.JSONField(default=list, help_text='read, write, send, export, admin')),
                        ('expires_at', models.DateTimeField(blank=True, null=True)),
                        ('last_used_at', models.DateTimeField(blank=True, null=True)),
                        ('revoked_at', models.DateTimeField(blank=True, null=True)),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ('-created_at',),
                    },
                ),
                migrations.CreateModel(
                    name='BusinessClock',
                    fields=[
                        ('id', models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                        ('base_at', models.DateTimeField()),
                        ('set_at', models.DateTimeField()),
                        ('rate', models.FloatField(default=1.0)),
                    ],
                    options={
                        'verbose_name': 'business clock',
                        'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='kernel_one_clock'), models.CheckConstraint(condition=models.Q(('rate__gte', 0), ('rate__lte', 100000)), name='kernel_clock_rate')],
                    },
                ),
                migrations.CreateModel(
                    name='Change',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('subject_type', models.CharField(max_length=60)),
                        ('subject_id', models.UUIDField()),
                        ('timestamp', models.DateTimeField(default=django.utils.timezone.now)),
                        ('change_type', models.CharField(choices=[('MAJOR', 'major'), ('MINOR', 'minor')], default='MINOR', max_length=5)),
                        ('change_category', models.CharField(max_length=40)),
                        ('changed_fields', models.JSONField(default=list)),
                        ('summary', models.CharField(max_length=500)),
                        ('vector_searchable_text', models.TextField(blank=True)),
                        ('source', models.CharField(max_length=20)),
                        ('user_id', models.UUIDField(blank=True, null=True)),
                        ('user_name', models.CharField(max_length=150)),
                        ('previous_values', models.JSONField(default=dict)),
                        ('new_values', models.JSONField(default=dict)),
                        ('version', models.PositiveIntegerField(default=1)),
                        ('cause_id', models.UUIDField(blank=True, help_text='The import, run or event that brought the change.', null=True)),
                        ('actor_kind', models.CharField(blank=True, db_default='', help_text='user, agent or system', max_length=10)),
                        ('request_id', models.CharField(blank=True, db_default='', max_length=40)),
                        ('run_id', models.UUIDField(blank=True, help_text="The agent's run.", null=True)),
                    ],
                    options={
                        'ordering': ('-timestamp', '-id'),
                        'indexes': [models.Index(fields=['subject_id', '-timestamp'], name='kernel_change_of_subject'), models.Index(condition=models.Q(('cause_id__isnull', False)), fields=['cause_id'], name='kernel_change_of_cause'), django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['timestamp'], name='kernel_change_by_time')],
                    },
                ),
                migrations.CreateModel(
                    name='EventRecord',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('name', models.CharField(db_index=True, max_length=100)),
                        ('subject_type', models.CharField(blank=True, max_length=60)),
                        ('subject_id', models.UUIDField(blank=True, null=True)),
                        ('payload', models.JSONField(default=dict)),
                        ('actor_kind', models.CharField(max_length=10)),
                        ('actor_label', models.CharField(max_length=150)),
                        ('run_id', models.UUIDField(blank=True, null=True)),
                        ('happened_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                        ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('schema_version', models.PositiveSmallIntegerField(db_default=1, default=1)),
                    ],
                    options={
                        'ordering': ('happened_at', 'id'),
                        'indexes': [models.Index(fields=['subject_id', 'happened_at'], name='kernel_event_of_subject')],
                    },
                ),
                migrations.CreateModel(
                    name='Delivery',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('subscriber', models.CharField(max_length=150)),
                        ('order_key', models.UUIDField(help_text='Deliveries with the same key are handled in order.')),
                        ('state', models.CharField(choices=[('waiting', 'waiting'), ('done', 'done'), ('dead', 'given up')], default='waiting', max_length=10)),
                        ('attempts', models.PositiveSmallIntegerField(default=0)),
                        ('next_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('done_at', models.DateTimeField(blank=True, null=True)),
                        ('error', models.TextField(blank=True)),
                        ('event', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='kernel.eventrecord')),
                        ('priority', models.PositiveSmallIntegerField(choices=[(1, 'high'), (5, 'normal'), (9, 'low')], db_default=5, default=5)),
                    ],
                    options={
                        'verbose_name_plural': 'deliveries',
                        'ordering': ('id',),
                        'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['next_at', 'id'], name='kernel_delivery_due'), models.Index(condition=models.Q(('state', 'waiting')), fields=['subscriber', 'order_key', 'id'], name='kernel_delivery_order'), models.Index(condition=models.Q(('state', 'waiting')), fields=['priority', 'next_at', 'id'], name='kernel_delivery_turn')],
                        'constraints': [models.UniqueConstraint(fields=('event', 'subscriber'), name='kernel_delivery_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Occurrence',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('schedule', models.CharField(max_length=100)),
                        ('due_at', models.DateTimeField()),
                        ('done_at', models.DateTimeField(blank=True, null=True)),
                        ('attempts', models.PositiveSmallIntegerField(default=0)),
                        ('error', models.TextField(blank=True)),
                    ],
                    options={
                        'ordering': ('-due_at',),
                        'indexes': [models.Index(condition=models.Q(('done_at__isnull', True)), fields=['due_at'], name='kernel_occurrence_open')],
                        'constraints': [models.UniqueConstraint(fields=('schedule', 'due_at'), name='kernel_occurrence_once')],
                    },
                ),
                migrations.CreateModel(
                    name='RequestCount',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('caller', models.CharField(max_length=80)),
                        ('minute', models.DateTimeField()),
                        ('used', models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        'ordering': ('-minute', 'caller'),
                        'constraints': [models.UniqueConstraint(fields=('caller', 'minute'), name='kernel_request_count_once')],
                    },
                ),
                migrations.CreateModel(
                    name='StoredAnswer',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('caller', models.CharField(help_text='The token or the person that sent it.', max_length=60)),
                        ('key', models.CharField(max_length=255)),
                        ('method', models.CharField(max_length=8)),
                        ('path', models.CharField(max_length=500)),
                        ('body_digest', models.CharField(help_text='SHA-256 of the body as it was sent.', max_length=64)),
                        ('status', models.PositiveSmallIntegerField(default=0)),
                        ('headers', models.JSONField(default=dict)),
                        ('body', models.BinaryField(default=b'')),
                        ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                    ],
                    options={
                        'ordering': ('-created_at', '-id'),
                        'constraints': [models.UniqueConstraint(fields=('caller', 'key'), name='kernel_answer_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Membership',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                        ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='kernel.team')),
                    ],
                    options={
                        'ordering': ('created_at',),
                        'constraints': [models.UniqueConstraint(fields=('user', 'team'), name='kernel_membership_once')],
                    },
                ),
                migrations.CreateModel(
                    name='AccessRole',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('key', models.SlugField(max_length=20, unique=True)),
                        ('name', models.CharField(max_length=60)),
                        ('based_on', models.CharField(help_text='The built-in role whose rights count where nothing is said here.', max_length=20)),
                        ('scope', models.CharField(choices=[('own', 'own'), ('team', 'team'), ('territory', 'territory'), ('all', 'all')], help_text='Which records: own, those of the teams, of the territories, or all.', max_length=10)),
                        ('rights', models.JSONField(blank=True, default=dict, help_text='company.edit → true or false')),
                        ('fields', models.JSONField(blank=True, default=dict, help_text='deal.deal_amount → hidden or read_only')),
                    ],
                    options={
                        'verbose_name': 'role',
                        'ordering': ('name',),
                    },
                ),
                migrations.CreateModel(
                    name='Territory',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('name', models.CharField(max_length=100, unique=True)),
                        ('conditions', models.JSONField(blank=True, default=dict, help_text='countries, regions, industries, employees from and to, domains')),
                        ('priority', models.PositiveSmallIntegerField(default=100, help_text='Of two that fit, the smaller number wins.')),
                        ('owner', models.ForeignKey(blank=True, help_text='Who gets the companies that fall into it.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='kernel.territory')),
                        ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='kernel.team')),
                    ],
                    options={
                        'verbose_name_plural': 'territories',
                        'ordering': ('priority', 'name'),
                    },
                ),
                migrations.CreateModel(
                    name='TerritoryMember',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('is_manager', models.BooleanField(default=False)),
                        ('territory', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='kernel.territory')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='territories', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ('created_at',),
                        'constraints': [models.UniqueConstraint(fields=('territory', 'user'), name='kernel_territory_member_once')],
                    },
                ),
                migrations.CreateModel(
                    name='ReadingPlace',
                    fields=[
                        ('kind', models.CharField(max_length=40, primary_key=True, serialize=False)),
                        ('forward_at', models.DateTimeField(help_text='Changes up to here are noted.')),
                        ('backward_at', models.DateTimeField(help_text='Older records are still to be noted; empty when all are.', null=True)),
                        ('model', models.CharField(help_text='Another model begins anew.', max_length=80)),
                    ],
                    options={
                        'ordering': ('kind',),
                    },
                ),
                migrations.CreateModel(
                    name='Embedding',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('subject_type', models.CharField(max_length=40)),
                        ('subject_id', models.UUIDField()),
                        ('source_version', models.PositiveIntegerField(help_text='The version of the record that was read.')),
                        ('number', models.PositiveSmallIntegerField(default=0, help_text="Its place in the record's text.")),
                        ('text', models.TextField()),
                        ('model', models.CharField(help_text='Vectors of different models are never compared.', max_length=80)),
                        ('dimensions', models.PositiveSmallIntegerField()),
                        ('vector', pgvector.django.halfvec.HalfVectorField()),
                    ],
                    options={
                        'ordering': ('id',),
                        'indexes': [pgvector.django.indexes.HnswIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.comparison.Cast('vector', pgvector.django.halfvec.HalfVectorField(dimensions=384)), name='halfvec_cosine_ops'), condition=models.Q(('dimensions', 384)), ef_construction=64, m=16, name='kernel_embedding_near_384')],
                        'constraints': [models.UniqueConstraint(fields=('subject_type', 'subject_id', 'number'), name='kernel_embedding_once')],
                    },
                ),
                migrations.CreateModel(
                    name='EmbeddingJob',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('subject_type', models.CharField(max_length=40)),
                        ('subject_id', models.UUIDField()),
                        ('changed_at', models.DateTimeField(help_text='The newest are read first.')),
                        ('attempts', models.PositiveSmallIntegerField(default=0)),
                        ('next_at', models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                    options={
                        'ordering': ('-changed_at', '-id'),
                        'indexes': [models.Index(fields=['-changed_at', '-id'], name='kernel_embedding_job_newest')],
                        'constraints': [models.UniqueConstraint(fields=('subject_type', 'subject_id'), name='kernel_embedding_job_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Webhook',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('name', models.CharField(max_length=100)),
                        ('url', models.CharField(max_length=500)),
                        ('event_names', models.JSONField(default=list, help_text='Names of facts; "*" is all, "crm.*" an area.')),
                        ('state', models.CharField(choices=[('active', 'active'), ('paused', 'paused'), ('disabled', 'disabled')], default='active', max_length=32)),
                        ('reason', models.CharField(blank=True, help_text='Why it is disabled.', max_length=200)),
                        ('secret', gtmos.kernel.secrets.SealedField(blank=True, editable=False)),
                        ('old_secret', gtmos.kernel.secrets.SealedField(blank=True, editable=False)),
                        ('old_secret_until', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('held_until', models.DateTimeField(blank=True, editable=False, help_text='The other side asked us to wait until then.', null=True)),
                        ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ('-created_at', '-id'),
                    },
                    bases=(gtmos.kernel.fsm.StateMixin, models.Model),
                ),
                migrations.CreateModel(
                    name='WebhookDelivery',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('order_key', models.UUIDField(help_text='Facts about one subject are sent in order.')),
                        ('state', models.CharField(choices=[('waiting', 'waiting'), ('done', 'done'), ('dead', 'given up')], default='waiting', max_length=10)),
                        ('attempts', models.PositiveSmallIntegerField(default=0)),
                        ('next_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('leased_until', models.DateTimeField(blank=True, null=True)),
                        ('done_at', models.DateTimeField(blank=True, null=True)),
                        ('event', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='kernel.eventrecord')),
                        ('webhook', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='kernel.webhook')),
                    ],
                    options={
                        'verbose_name_plural': 'webhook deliveries',
                        'ordering': ('-id',),
                        'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['next_at', 'id'], name='kernel_webhook_due'), models.Index(condition=models.Q(('state', 'waiting')), fields=['webhook', 'order_key', 'id'], name='kernel_webhook_order')],
                        'constraints': [models.UniqueConstraint(fields=('webhook', 'event'), name='kernel_webhook_delivery_once')],
                    },
                ),
                migrations.CreateModel(
                    name='WebhookAttempt',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('attempted_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('milliseconds', models.PositiveIntegerField(default=0)),
                        ('status', models.PositiveSmallIntegerField(blank=True, null=True)),
                        ('response', models.TextField(blank=True, help_text='The beginning of the answer.')),
                        ('error', models.CharField(blank=True, max_length=300)),
                        ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='log', to='kernel.webhookdelivery')),
                    ],
                    options={
                        'ordering': ('-id',),
                    },
                ),
                migrations.CreateModel(
                    name='FieldLock',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('subject_type', models.CharField(max_length=60)),
                        ('subject_id', models.UUIDField(unique=True)),
                        ('fields', models.JSONField(default=dict)),
                    ],
                    options={
                        'ordering': ('-id',),
                    },
                ),
                migrations.CreateModel(
                    name='Relation',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('key', models.CharField(max_length=40, unique=True)),
                        ('label', models.CharField(help_text='Seen from the first record: Implementation partner', max_length=80)),
                        ('reverse_label', models.CharField(help_text='Seen from the second record: Implementation partner of', max_length=80)),
                        ('from_type', models.CharField(max_length=30, verbose_name='from')),
                        ('to_type', models.CharField(max_length=30, verbose_name='to')),
                        ('is_single', models.BooleanField(default=False, help_text='A record has at most one of these.', verbose_name='only one')),
                        ('archived_at', models.DateTimeField(blank=True, editable=False, null=True)),
                    ],
                    options={
                        'ordering': ('label',),
                    },
                ),
                migrations.CreateModel(
                    name='CustomField',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('object_type', models.CharField(max_length=30, verbose_name='record')),
                        ('key', models.CharField(help_text='How programs call it: small letters, digits, underscores.', max_length=40)),
                        ('label', models.CharField(max_length=80)),
                        ('type', models.CharField(max_length=20)),
                        ('options', models.JSONField(blank=True, default=dict)),
                        ('help_text', models.CharField(blank=True, help_text='Shown below the field in forms.', max_length=200)),
                        ('position', models.PositiveSmallIntegerField(default=0)),
                        ('in_list', models.BooleanField(default=False, help_text='A column, a filter and an order in lists.', verbose_name='in lists')),
                        ('is_indexed', models.BooleanField(default=False, help_text='An index, for fields by which long lists are often filtered.', verbose_name='fast in lists')),
                        ('archived_at', models.DateTimeField(blank=True, editable=False, null=True)),
                    ],
                    options={
                        'ordering': ('object_type', 'position', 'label'),
                        'constraints': [models.UniqueConstraint(fields=('object_type', 'key'), name='kernel_custom_field_key_once')],
                    },
                ),
                migrations.CreateModel(
                    name='FieldSuggestion',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('object_type', models.CharField(max_length=30, verbose_name='record')),
                        ('name', models.CharField(max_length=200)),
                        ('samples', models.JSONField(default=list)),
                        ('count', models.PositiveIntegerField(default=0)),
                        ('state', models.CharField(choices=[('open', 'open'), ('promoted', 'made a field'), ('dismissed', 'dismissed')], default='open', max_length=10)),
                    ],
                    options={
                        'ordering': ('-count', 'name'),
                        'constraints': [models.UniqueConstraint(fields=('object_type', 'name'), name='kernel_field_suggestion_once')],
                    },
                ),
                migrations.CreateModel(
                    name='SchemaState',
                    fields=[
                        ('id', models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                        ('token', models.UUIDField(default=uuid.uuid4)),
                        ('changed_at', models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                    options={
                        'verbose_name': 'state of the definitions',
                        'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='kernel_one_schema_state')],
                    },
                ),
                migrations.CreateModel(
                    name='ValidationRule',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('object_type', models.CharField(max_length=30, verbose_name='record')),
                        ('name', models.CharField(max_length=120)),
                        ('conditions', models.JSONField(blank=True, default=list)),
                        ('requirement', models.JSONField(default=dict)),
                        ('sentence', models.CharField(help_text='What a person reads when it does not hold.', max_length=200)),
                        ('is_active', models.BooleanField(default=False, editable=False, verbose_name='active')),
                    ],
                    options={
                        'ordering': ('object_type', 'name'),
                        'constraints': [models.UniqueConstraint(fields=('object_type', 'name'), name='kernel_rule_name_once')],
                    },
                ),
                migrations.CreateModel(
                    name='FieldVersion',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('number', models.PositiveIntegerField()),
                        ('definition', models.JSONField()),
                        ('summary', models.CharField(max_length=300)),
                        ('made_by', models.CharField(max_length=150)),
                        ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('converted', models.PositiveIntegerField(default=0, help_text='Records whose value was written anew.')),
                        ('not_converted', models.PositiveIntegerField(default=0, help_text='Records whose value was kept beside.')),
                        ('field', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='kernel.customfield')),
                    ],
                    options={
                        'ordering': ('-made_at', '-number'),
                        'constraints': [models.UniqueConstraint(fields=('field', 'number'), name='kernel_field_version_once')],
                    },
                ),
                migrations.CreateModel(
                    name='RelationLink',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('from_id', models.UUIDField()),
                        ('to_id', models.UUIDField()),
                        ('relation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='kernel.relation')),
                        ('cause_id', models.UUIDField(blank=True, db_index=True, editable=False, help_text='The import that tied them.', null=True)),
                    ],
                    options={
                        'ordering': ('created_at',),
                        'indexes': [models.Index(fields=['to_id'], name='kernel_relation_link_to')],
                        'constraints': [models.UniqueConstraint(fields=('from_id', 'to_id', 'relation'), name='kernel_relation_link_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Redaction',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('change_id', models.BigIntegerField(db_index=True)),
                        ('digest_before', models.CharField(max_length=64)),
                        ('digest_after', models.CharField(max_length=64)),
                        ('reason', models.CharField(max_length=300)),
                        ('user_name', models.CharField(max_length=150)),
                        ('redacted_at', models.DateTimeField()),
                        ('key_name', models.CharField(max_length=16)),
                        ('code', models.CharField(max_length=64)),
                    ],
                    options={
                        'ordering': ('id',),
                    },
                ),
                migrations.CreateModel(
                    name='Seal',
                    fields=[
                        ('number', models.BigIntegerField(primary_key=True, serialize=False)),
                        ('change_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                        ('digests', models.BinaryField(help_text="Of each change's content, 32 bytes after the other.")),
                        ('last_change_id', models.BigIntegerField(db_index=True, help_text='The highest of the batch.')),
                        ('rows_until_here', models.BigIntegerField()),
                        ('key_name', models.CharField(help_text='Which key; never the key.', max_length=16)),
                        ('code', models.CharField(max_length=64)),
                        ('sealed_at', models.DateTimeField()),
                    ],
                    options={
                        'ordering': ('number',),
                    },
                ),
                migrations.CreateModel(
                    name='SealMark',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('settled_id', models.BigIntegerField(default=0)),
                        ('noted_id', models.BigIntegerField(default=0)),
                        ('noted_transaction', models.BigIntegerField(default=0)),
                    ],
                ),
                migrations.CreateModel(
                    name='PrivacyRequest',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('kind', models.CharField(choices=[('export', 'export'), ('erasure', 'erasure')], max_length=10)),
                        ('subject_id', models.UUIDField(db_index=True, help_text='The key of the emptied record.')),
                        ('reason', models.CharField(blank=True, max_length=300)),
                        ('counts', models.JSONField(default=dict)),
                        ('made_by', models.CharField(max_length=150)),
                        ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                    options={
                        'ordering': ('-made_at', '-id'),
                    },
                ),
                migrations.CreateModel(
                    name='RetentionRule',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('kind', models.CharField(max_length=60, unique=True)),
                        ('days', models.PositiveIntegerField()),
                        ('action', models.CharField(max_length=10)),
                        ('is_active', models.BooleanField(default=False)),
                        ('last_run_at', models.DateTimeField(blank=True, null=True)),
                        ('last_count', models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        'ordering': ('kind',),
                    },
                ),
                migrations.CreateModel(
                    name='FailedTry',
                    fields=[
                        ('key', models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ('failures', models.PositiveIntegerField(default=0)),
                        ('since', models.DateTimeField()),
                    ],
                    options={
                        'verbose_name_plural': 'failed tries',
                        'ordering': ('-since',),
                    },
                ),
                migrations.CreateModel(
                    name='BrowserSession',
                    fields=[
                        ('session_key', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='session key')),
                        ('session_data', models.TextField(verbose_name='session data')),
                        ('expire_date', models.DateTimeField(db_index=True, verbose_name='expire date')),
                        ('signed_in_at', models.DateTimeField(null=True)),
                        ('seen_at', models.DateTimeField(null=True)),
                        ('network_address', models.CharField(blank=True, max_length=64)),
                        ('browser', models.CharField(blank=True, max_length=200)),
                        ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='browser_sessions', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'session',
                        'ordering': ('-seen_at',),
                    },
                ),
                migrations.CreateModel(
                    name='SignInLink',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('kind', models.CharField(choices=[('invitation', 'invitation'), ('reset', 'new password')], max_length=12)),
                        ('email', models.EmailField(max_length=254)),
                        ('name', models.CharField(blank=True, max_length=150)),
                        ('role', models.CharField(blank=True, max_length=20)),
                        ('serial', models.PositiveIntegerField(default=1, help_text='Counted up when it is sent anew; earlier links end.')),
                        ('expires_at', models.DateTimeField()),
                        ('used_at', models.DateTimeField(blank=True, null=True)),
                        ('revoked_at', models.DateTimeField(blank=True, null=True)),
                        ('mail_state', models.CharField(choices=[('waiting', 'waiting to be sent'), ('sent', 'sent'), ('failed', 'not sent'), ('none', 'nobody to write to')], default='waiting', max_length=8)),
                        ('mail_tries', models.PositiveSmallIntegerField(default=0)),
                        ('mail_next_at', models.DateTimeField(blank=True, null=True)),
                        ('mail_answer', models.CharField(blank=True, help_text='What the mail server said.', max_length=300)),
                        ('invited_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='kernel.team')),
                        ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'sign-in link',
                        'ordering': ('-created_at',),
                        'indexes': [models.Index(condition=models.Q(('mail_state', 'waiting')), fields=['mail_next_at'], name='kernel_link_to_send')],
                    },
                ),
                migrations.CreateModel(
                    name='Approval',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('action', models.CharField(max_length=60)),
                        ('branch', models.CharField(help_text='The branch of the policy that fitted.', max_length=120)),
                        ('subject_type', models.CharField(max_length=80)),
                        ('subject_id', models.UUIDField()),
                        ('subject_name', models.CharField(max_length=255)),
                        ('key', models.CharField(blank=True, help_text='Of several open ones about one record.', max_length=120)),
                        ('values', models.JSONField(default=dict)),
                        ('present', models.JSONField(default=dict, help_text='What the record said of these values when it was asked.')),
                        ('reason', models.CharField(blank=True, max_length=500)),
                        ('requested_label', models.CharField(max_length=150)),
                        ('state', models.CharField(choices=[('requested', 'waiting'), ('granted', 'granted'), ('rejected', 'rejected'), ('expired', 'expired'), ('withdrawn', 'withdrawn')], default='requested', max_length=32)),
                        ('step', models.PositiveSmallIntegerField(default=0, help_text='Which step of the chain waits.')),
                        ('requested_at', models.DateTimeField()),
                        ('expires_at', models.DateTimeField(blank=True, null=True)),
                        ('closed_at', models.DateTimeField(blank=True, null=True)),
                        ('answer', models.CharField(blank=True, help_text='Why it was decided so.', max_length=500)),
                        ('requested_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('policy_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='approvals', to='kernel.policyversion')),
                    ],
                    options={
                        'ordering': ('-requested_at', '-id'),
                        'indexes': [models.Index(fields=['-requested_at', '-id'], name='kernel_approval_newest'), models.Index(fields=['requested_by', '-requested_at'], name='kernel_approval_of_person'), models.Index(fields=['subject_id', '-requested_at'], name='kernel_approval_of_subject'), models.Index(condition=models.Q(('state', 'requested')), fields=['expires_at'], name='kernel_approval_expiring')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'requested')), fields=('action', 'subject_id', 'key'), name='kernel_approval_open_once')],
                    },
                    bases=(gtmos.kernel.fsm.StateMixin, models.Model),
                ),
                migrations.CreateModel(
                    name='ApprovalPolicy',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('name', models.CharField(max_length=120, unique=True)),
                        ('action', models.CharField(help_text='What is asked for, such as crm.discount_deal.', max_length=60)),
                        ('note', models.CharField(blank=True, help_text='Why there is this policy.', max_length=300)),
                        ('number', models.PositiveIntegerField(default=1, editable=False, help_text='Counts up with each change of the rules.', verbose_name='version of the rules')),
                        ('definition', models.JSONField(default=dict, help_text='The branches in their order: the first whose conditions hold says who is asked.', verbose_name='rules')),
                        ('is_active', models.BooleanField(default=False, editable=False, verbose_name='active')),
                    ],
                    options={
                        'verbose_name_plural': 'approval policies',
                        'ordering': ('action', 'name'),
                        'constraints': [models.UniqueConstraint(condition=models.Q(('is_active', True)), fields=('action',), name='kernel_one_policy_of_action')],
                    },
                ),
                migrations.CreateModel(
                    name='ApprovalStep',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('position', models.PositiveSmallIntegerField()),
                        ('approvers', models.JSONField(default=list)),
                        ('needs', models.CharField(choices=[('any', 'any one of them'), ('all', 'all of them')], default='any', max_length=3)),
                        ('hours', models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True)),
                        ('in_business_hours', models.BooleanField(default=True)),
                        ('escalate_to', models.CharField(blank=True, max_length=60)),
                        ('opened_at', models.DateTimeField(blank=True, null=True)),
                        ('due_at', models.DateTimeField(blank=True, null=True)),
                        ('escalated_at', models.DateTimeField(blank=True, null=True)),
                        ('closed_at', models.DateTimeField(blank=True, null=True)),
                        ('approval', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='kernel.approval')),
                    ],
                    options={
                        'ordering': ('approval', 'position'),
                        'indexes': [models.Index(condition=models.Q(('closed_at', None), ('escalated_at', None), models.Q(('escalate_to', ''), _negated=True)), fields=['due_at'], name='kernel_approval_step_due')],
                        'constraints': [models.UniqueConstraint(fields=('approval', 'position'), name='kernel_approval_step_once')],
                    },
                ),
                migrations.CreateModel(
                    name='ApprovalDecision',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('is_granted', models.BooleanField()),
                        ('closes_step', models.BooleanField(default=True)),
                        ('reason', models.CharField(blank=True, max_length=500)),
                        ('decided_at', models.DateTimeField()),
                        ('given_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('person', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('step', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='kernel.approvalstep')),
                    ],
                    options={
                        'ordering': ('decided_at',),
                        'constraints': [models.UniqueConstraint(fields=('step', 'person'), name='kernel_approval_word_once'), models.UniqueConstraint(condition=models.Q(('closes_step', True)), fields=('step',), name='kernel_approval_decided_once')],
                    },
                ),
                migrations.CreateModel(
                    name='ApprovalAsked',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('is_escalation', models.BooleanField(default=False)),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('step', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='asked', to='kernel.approvalstep')),
                    ],
                    options={
                        'verbose_name': 'asked for approval',
                        'verbose_name_plural': 'asked for approvals',
                        'ordering': ('created_at',),
                        'constraints': [models.UniqueConstraint(fields=('step', 'person'), name='kernel_approval_asked_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Delegation',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('starts_at', models.DateTimeField()),
                        ('ends_at', models.DateTimeField()),
                        ('note', models.CharField(blank=True, max_length=200)),
                        ('deputy', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deputations', to=settings.AUTH_USER_MODEL)),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='delegations', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ('-starts_at',),
                        'indexes': [models.Index(fields=['deputy', 'ends_at'], name='kernel_delegation_to')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='kernel_delegation_ends_later'), models.CheckConstraint(condition=models.Q(('person', models.F('deputy')), _negated=True), name='kernel_delegation_to_another')],
                    },
                ),
                migrations.CreateModel(
                    name='FeatureFlag',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('key', models.CharField(help_text='Declared in the code.', max_length=80, unique=True)),
                        ('is_active', models.BooleanField(default=False, help_text='On for everybody, whatever stands below.', verbose_name='for everybody')),
                        ('share', models.FloatField(default=0.0, help_text='From 0 to 1: on for this part of all people. The same people stay in as it grows.', validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1.0)])),
                        ('roles', models.JSONField(blank=True, default=list, help_text='On for these roles, by their keys.')),
                        ('teams', models.JSONField(blank=True, default=list, help_text='On for the people of these teams.')),
                        ('people', models.JSONField(blank=True, default=list, help_text='On for these people.')),
                    ],
                    options={
                        'ordering': ('key',),
                        'constraints': [models.CheckConstraint(condition=models.Q(('share__gte', 0), ('share__lte', 1)), name='kernel_flag_share_is_0_to_1')],
                    },
                ),
                migrations.CreateModel(
                    name='PolicyVersion',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('number', models.PositiveIntegerField()),
                        ('definition', models.JSONField()),
                        ('made_by', models.CharField(blank=True, max_length=150)),
                        ('policy', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='kernel.approvalpolicy')),
                    ],
                    options={
                        'ordering': ('policy', '-number'),
                        'constraints': [models.UniqueConstraint(fields=('policy', 'number'), name='kernel_policy_version_once')],
                    },
                ),
                migrations.CreateModel(
                    name='NotificationMail',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('is_digest', models.BooleanField(default=False)),
                        ('state', models.CharField(choices=[('waiting', 'waiting to be sent'), ('handing', 'being handed over'), ('sent', 'sent'), ('failed', 'not sent'), ('doubt', 'nobody knows; not sent again'), ('none', 'read before it left')], default='waiting', max_length=8)),
                        ('due_at', models.DateTimeField()),
                        ('tries', models.PositiveSmallIntegerField(default=0)),
                        ('answer', models.CharField(blank=True, help_text='What the mail server said.', max_length=300)),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ('-due_at', '-id'),
                        'indexes': [models.Index(condition=models.Q(('state__in', ('waiting', 'handing'))), fields=['due_at'], name='kernel_notice_to_send')],
                    },
                ),
                migrations.CreateModel(
                    name='Notification',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('kind', models.CharField(max_length=60)),
                        ('key', models.CharField(help_text='The same is told to a person once.', max_length=200)),
                        ('title', models.CharField(max_length=300)),
                        ('text', models.CharField(blank=True, max_length=500)),
                        ('url', models.CharField(blank=True, max_length=300)),
                        ('caused_by', models.CharField(blank=True, max_length=150)),
                        ('is_shown', models.BooleanField(default=True, help_text='Not where it is told by mail alone.')),
                        ('read_at', models.DateTimeField(blank=True, null=True)),
                        ('created_at', models.DateTimeField()),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to=settings.AUTH_USER_MODEL)),
                        ('mail', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='notifications', to='kernel.notificationmail')),
                    ],
                    options={
                        'ordering': ('-created_at', '-id'),
                        'indexes': [models.Index(fields=['person', '-created_at', '-id'], name='kernel_notification_newest'), models.Index(condition=models.Q(('is_shown', True), ('read_at__isnull', True)), fields=['person'], name='kernel_notification_unread'), models.Index(fields=['created_at'], name='kernel_notification_age')],
                        'constraints': [models.UniqueConstraint(fields=('person', 'key'), name='kernel_notification_once')],
                    },
                ),
                migrations.CreateModel(
                    name='NotificationPreference',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('kind', models.CharField(max_length=60)),
                        ('in_app', models.BooleanField(default=True)),
                        ('by_mail', models.CharField(choices=[('at_once', 'at once'), ('daily', 'once a day'), ('never', 'no mail')], default='never', max_length=8)),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notification_preferences', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ('kind',),
                        'constraints': [models.UniqueConstraint(fields=('person', 'kind'), name='kernel_notification_preference_once')],
                    },
                ),
                migrations.CreateModel(
                    name='SavedView',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('noun', models.CharField(max_length=30, verbose_name='records')),
                        ('name', models.CharField(max_length=80)),
                        ('shared', models.CharField(choices=[('nobody', 'only me'), ('team', 'my team'), ('everybody', 'everybody')], default='nobody', max_length=9, verbose_name='shared with')),
                        ('where', models.TextField(blank=True, help_text='In the language of filters.', verbose_name='filter')),
                        ('text', models.CharField(blank=True, max_length=200, verbose_name='searched for')),
                        ('columns', models.JSONField(blank=True, default=list, help_text='Keys of fields; empty are the usual ones.')),
                        ('order', models.CharField(blank=True, help_text='A field, with a minus from high to low.', max_length=90)),
                        ('layout', models.CharField(choices=[('table', 'table'), ('board', 'board')], default='table', max_length=5)),
                        ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('team', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='kernel.team')),
                    ],
                    options={
                        'ordering': ('noun', 'name'),
                        'indexes': [models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['noun', 'shared'], name='kernel_view_of_noun')],
                    },
                ),
                migrations.CreateModel(
                    name='ListPreference',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('noun', models.CharField(max_length=30)),
                        ('columns', models.JSONField(default=list)),
                        ('order', models.CharField(blank=True, max_length=90)),
                        ('is_pinned', models.BooleanField(default=False)),
                        ('is_first', models.BooleanField(default=False)),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('view', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='preferences', to='kernel.savedview')),
                    ],
                    options={
                        'ordering': ('id',),
                        'constraints': [models.UniqueConstraint(fields=('person', 'noun', 'view'), name='kernel_preference_once', nulls_distinct=False)],
                    },
                ),
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
                migrations.CreateModel(
                    name='Workflow',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('name', models.CharField(max_length=120, unique=True)),
                        ('is_active', models.BooleanField(default=False, editable=False, verbose_name='on')),
                        ('event_name', models.CharField(blank=True, max_length=100, verbose_name='event')),
                        ('owner', models.ForeignKey(help_text='It acts on behalf of this person, with their rights.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('active', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='kernel.workflowversion')),
                    ],
                    options={
                        'ordering': ('name',),
                        'indexes': [models.Index(condition=models.Q(('is_active', True)), fields=['event_name'], name='kernel_workflow_of_event')],
                    },
                ),
                migrations.CreateModel(
                    name='WorkflowRun',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('event_key', models.UUIDField()),
                        ('subject_type', models.CharField(blank=True, max_length=60)),
                        ('subject_id', models.UUIDField(null=True)),
                        ('state', models.CharField(choices=[('running', 'running'), ('done', 'done'), ('stopped', 'stopped'), ('failed', 'failed')], default='running', max_length=10)),
                        ('reason', models.CharField(blank=True, help_text='Why it stopped or failed.', max_length=300)),
                        ('chain', models.JSONField(default=list, help_text='The workflows and records that led here.')),
                        ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('finished_at', models.DateTimeField(null=True)),
                        ('event', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='workflow_runs', to='kernel.eventrecord')),
                        ('workflow', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='kernel.workflow')),
                        ('definition', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='kernel.workflowversion')),
                    ],
                    options={
                        'ordering': ('-started_at', '-id'),
                        'indexes': [models.Index(fields=['workflow', '-started_at'], name='kernel_run_of_workflow'), models.Index(fields=['-started_at', '-id'], name='kernel_run_newest')],
                        'constraints': [models.UniqueConstraint(fields=('workflow', 'event_key'), name='kernel_workflow_run_once')],
                    },
                ),
                migrations.CreateModel(
                    name='WorkflowStepRun',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('path', models.CharField(help_text='Where it stands in the version, such as 2.then.0.', max_length=60)),
                        ('action', models.CharField(max_length=40)),
                        ('state', models.CharField(choices=[('waiting', 'waiting'), ('asked', 'waits for a decision'), ('done', 'done'), ('failed', 'failed')], default='waiting', max_length=10)),
                        ('attempts', models.PositiveSmallIntegerField(default=0)),
                        ('due_at', models.DateTimeField(help_text="By the product's clock.")),
                        ('started_at', models.DateTimeField(null=True)),
                        ('finished_at', models.DateTimeField(null=True)),
                        ('outcome', models.CharField(blank=True, max_length=500)),
                        ('made_type', models.CharField(blank=True, max_length=60)),
                        ('made_id', models.UUIDField(null=True)),
                        ('error', models.TextField(blank=True)),
                        ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='kernel.workflowrun')),
                    ],
                    options={
                        'ordering': ('id',),
                        'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['due_at', 'id'], name='kernel_workflow_step_due'), models.Index(condition=models.Q(('state', 'asked')), fields=['made_id'], name='kernel_workflow_step_asked')],
                        'constraints': [models.UniqueConstraint(fields=('run', 'path'), name='kernel_workflow_step_once')],
                    },
                ),
                migrations.CreateModel(
                    name='WorkflowVersion',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('number', models.PositiveIntegerField()),
                        ('event_name', models.CharField(max_length=100, verbose_name='event')),
                        ('conditions', models.JSONField(blank=True, default=dict)),
                        ('steps', models.JSONField(default=list)),
                        ('note', models.CharField(blank=True, max_length=200)),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('workflow', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='kernel.workflow')),
                    ],
                    options={
                        'ordering': ('-number',),
                        'constraints': [models.UniqueConstraint(fields=('workflow', 'number'), name='kernel_workflow_version_once')],
                    },
                ),
            ],
        ),
        migrations.RunSQL(GUARD),
        migrations.RunSQL(TELLS),
    ]
