"""Telling every process that a definition changed."""

import uuid

from django.utils import timezone

from gtmos.kernel.fields.models import SchemaState
from gtmos.kernel.pictures import configuration_changed


def definitions_changed() -> None:
    SchemaState.objects.update_or_create(pk=1, defaults={"token": uuid.uuid4(), "changed_at": timezone.now()})
    configuration_changed()
