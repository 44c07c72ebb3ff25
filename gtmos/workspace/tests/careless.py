"""The product with one of its protections taken out, to show that the tests of it notice: `careless.py FAULT web …`."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gtmos.settings")
django.setup()

from django.core.management import execute_from_command_line  # noqa: E402 -- needs what was set up
from django.db import IntegrityError, transaction  # noqa: E402

from gtmos.kernel import api_door, api_idempotency, api_limits  # noqa: E402
from gtmos.kernel.api_models import RequestCount, StoredAnswer  # noqa: E402


def looked_up_before_and_noted_after(request: Any, body: bytes, work: Any, finish: Any) -> Any:
    """As many do it: is the key known? If not, do the work and write down its answer."""
    del body
    names = {"caller": api_limits.caller_of(request), "key": request.headers["Idempotency-Key"]}
    known = StoredAnswer.objects.filter(**names).first()
    if known is not None:
        return api_idempotency._replayed(known)
    answer = finish(work())
    answer.render()
    with suppress(IntegrityError), transaction.atomic():
        StoredAnswer.objects.create(**names, status=answer.status_code, body=answer.content)
    return answer


def read_and_written_back(caller: str, moment: datetime) -> int:
    """How many there are is read, and one more is written."""
    minute = moment.replace(second=0, microsecond=0)
    known = RequestCount.objects.filter(caller=caller, minute=minute).first()
    used = known.used + 1 if known else 1
    with suppress(IntegrityError), transaction.atomic():
        if known is None:
            RequestCount.objects.create(caller=caller, minute=minute, used=used)
        else:
            RequestCount.objects.filter(pk=known.pk).update(used=used)
    return used


FAULTS: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "once": (api_door, "answer_once", looked_up_before_and_noted_after),
    "limit": (api_limits, "count", read_and_written_back),
}


if __name__ == "__main__":
    place, name, fault = FAULTS[sys.argv[1]]
    setattr(place, name, fault)
    execute_from_command_line(["manage.py", *sys.argv[2:]])
