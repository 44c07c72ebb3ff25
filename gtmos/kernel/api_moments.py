"""Moments as programs read and write them: in UTC, wherever the caller is. Days without an hour are the caller's own.

Apart from `api.py`, because the framework reads the renderer while it is itself being imported.
"""

from datetime import UTC, datetime
from typing import Any

from rest_framework.fields import DateTimeField
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder


class MomentField(DateTimeField):
    """A time that names no zone is one of UTC."""

    def default_timezone(self) -> Any:
        return UTC


class InUtc(JSONEncoder):
    def default(self, obj: Any) -> Any:
        is_moment = isinstance(obj, datetime) and obj.tzinfo is not None
        return super().default(obj.astimezone(UTC) if is_moment else obj)


class AnswerRenderer(JSONRenderer):
    encoder_class = InUtc
