"""Background work, asked for by name after the commit, so that services never import tasks.

A job is only a bell: the work itself is a row in the database. When the broker is gone the bell
is lost and the scheduler's sweep finds the work.
"""

import logging
from functools import partial

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def enqueue(name: str, **arguments: str | int | bool) -> None:
    transaction.on_commit(partial(ring, name, arguments), robust=True)


def ring(name: str, arguments: dict[str, str | int | bool] | None = None) -> bool:
    """Send the wake-up now; false when the broker does not answer."""
    try:
        current_app.send_task(name, kwargs=arguments or {}, retry=False, expires=3600)
    except (OperationalError, OSError):
        logger.warning("the broker does not answer; %s waits for the next sweep", name)
        return False
    return True
