"""The Celery application: a bell that tells workers to look into the database."""

import logging
import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, task_postrun, task_prerun

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gtmos.settings")

app = Celery("gtmos")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    accept_content=["json"],
    task_serializer="json",
    task_default_queue="default",
    task_ignore_result=True,
    task_acks_late=False,  # a bell owns nothing; the work is a row
    worker_prefetch_multiplier=1,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_connection_timeout=1,
    broker_transport_options={
        "visibility_timeout": 3600,
        "socket_timeout": 5,
        "socket_connect_timeout": 1,
        "socket_keepalive": True,
        "max_retries": 1,
        "interval_start": 0,
        "interval_max": 0.1,
    },
    CELERY_DB_REUSE_MAX=1000,  # the Django fixup asks for it by this name
    timezone="UTC",
)
app.autodiscover_tasks()


def keep_our_logging(**kwargs: Any) -> None:
    """Django's LOGGING is the only one. A bell that rings every second is no news."""
    del kwargs
    logging.getLogger("celery").setLevel(logging.WARNING)


def drop_dead_connections(**kwargs: Any) -> None:
    """Connections are reused between tasks; one that the server closed must not spoil the next task."""
    from django.db import close_old_connections  # noqa: PLC0415 -- settings are not ready at import

    del kwargs
    close_old_connections()


setup_logging.connect(keep_our_logging)
task_prerun.connect(drop_dead_connections)
task_postrun.connect(drop_dead_connections)
