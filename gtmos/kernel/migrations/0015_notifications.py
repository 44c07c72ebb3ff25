"""What people are told, how they want to be told, and the mails that tell it."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0014_approvals"),
    ]

    operations = [
        migrations.CreateModel(
            name="NotificationMail",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("is_digest", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting to be sent"),
                            ("handing", "being handed over"),
                            ("sent", "sent"),
                            ("failed", "not sent"),
                            ("doubt", "nobody knows; not sent again"),
                            ("none", "read before it left"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("due_at", models.DateTimeField()),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                (
                    "answer",
                    models.CharField(blank=True, help_text="What the mail server said.", max_length=300),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-due_at", "-id"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ("waiting", "handing"))),
                        fields=["due_at"],
                        name="kernel_notice_to_send",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("kind", models.CharField(max_length=60)),
                ("key", models.CharField(help_text="The same is told to a person once.", max_length=200)),
                ("title", models.CharField(max_length=300)),
                ("text", models.CharField(blank=True, max_length=500)),
                ("url", models.CharField(blank=True, max_length=300)),
                ("caused_by", models.CharField(blank=True, max_length=150)),
                (
                    "is_shown",
                    models.BooleanField(default=True, help_text="Not where it is told by mail alone."),
                ),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "mail",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="notifications",
                        to="kernel.notificationmail",
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at", "-id"),
                "indexes": [
                    models.Index(fields=["person", "-created_at", "-id"], name="kernel_notification_newest"),
                    models.Index(
                        condition=models.Q(("is_shown", True), ("read_at__isnull", True)),
                        fields=["person"],
                        name="kernel_notification_unread",
                    ),
                    models.Index(fields=["created_at"], name="kernel_notification_age"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("person", "key"), name="kernel_notification_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="NotificationPreference",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("kind", models.CharField(max_length=60)),
                ("in_app", models.BooleanField(default=True)),
                (
                    "by_mail",
                    models.CharField(
                        choices=[("at_once", "at once"), ("daily", "once a day"), ("never", "no mail")],
                        default="never",
                        max_length=8,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notification_preferences",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("kind",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "kind"), name="kernel_notification_preference_once"
                    ),
                ],
            },
        ),
    ]
