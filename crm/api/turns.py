"""What the turns of a deal are told: why it was lost, why it waits, when it was signed."""

from typing import Any

from rest_framework import serializers

from crm.enums import LossReason


class LossShape(serializers.Serializer[Any]):
    """Why a deal was lost: one of a closed set, and a sentence beside it."""

    reason = serializers.ChoiceField(choices=LossReason.choices)
    note = serializers.CharField(required=False, allow_blank=True, max_length=300, default="")


class WaitShape(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


class SigningShape(serializers.Serializer[Any]):
    signed_on = serializers.DateField(required=False, allow_null=True, default=None)
