import uuid

from django.db import migrations
from django.db.models import Value
from django.db.models.functions import Replace


def take_over(apps, schema_editor):
    """Each trigger becomes a workflow under the same key, in one version; what it has handled is not handled again."""
    Trigger, Workflow = apps.get_model("kernel", "EventTrigger"), apps.get_model("kernel", "Workflow")
    Version, Change = apps.get_model("kernel", "WorkflowVersion"), apps.get_model("kernel", "Change")
    for trigger in Trigger.objects.order_by("created_at"):
        writer = (
            Change.objects.filter(subject_type="kernel.eventtrigger", subject_id=trigger.pk, user_id__isnull=False)
            .order_by("id")
            .values_list("user_id", flat=True)
            .first()
        )
        given = {"title": trigger.title, "due_days": trigger.due_days, "note": trigger.note}
        given |= {"assignee": str(trigger.assignee_id) if trigger.assignee_id else ""}
        workflow = Workflow.objects.create(
            pk=trigger.pk,
            name=trigger.name,
            owner_id=writer or trigger.assignee_id,
            is_active=trigger.is_active,
            event_name=trigger.event_name,
        )
        version = Version.objects.create(
            workflow=workflow,
            number=1,
            event_name=trigger.event_name,
            conditions={"all": trigger.conditions} if trigger.conditions else {},
            steps=[{"do": "create_task", "with": {name: value for name, value in given.items() if value != ""}}],
            note="As it was before workflows had versions",
            created_by_id=writer,
        )
        workflow.active = version
        workflow.save(update_fields=["active"])
    _keep_what_was_done(apps)


def _keep_what_was_done(apps):
    Delivery, Run = apps.get_model("kernel", "Delivery"), apps.get_model("kernel", "WorkflowRun")
    versions = {str(each.workflow_id): each for each in apps.get_model("kernel", "WorkflowVersion").objects.all()}
    told = Delivery.objects.filter(subscriber__startswith="trigger:").select_related("event")
    done = []
    for delivery in told.filter(state="done").iterator(500):
        version = versions.get(delivery.subscriber.partition(":")[2])
        if version is not None:
            done.append(
                Run(
                    pk=uuid.uuid5(version.workflow_id, str(delivery.event_id)),
                    workflow_id=version.workflow_id,
                    definition=version,
                    event=delivery.event,
                    event_key=delivery.event_id,
                    subject_type=delivery.event.subject_type,
                    subject_id=delivery.event.subject_id,
                    state="done",
                    reason="Handled before steps were kept.",
                    started_at=delivery.done_at or delivery.next_at,
                    finished_at=delivery.done_at,
                )
            )
    Run.objects.bulk_create(done, batch_size=500)
    told.update(subscriber=Replace("subscriber", Value("trigger:"), Value("workflow:")))


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0018_workflows"),
    ]

    operations = [
        migrations.RunPython(take_over, migrations.RunPython.noop),
    ]
