"""What all reports for programs are made of."""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from crm.selectors.currencies import Total


class TotalShape(serializers.Serializer[Any]):
    amount = serializers.DecimalField(max_digits=24, decimal_places=2)
    currency = serializers.CharField()
    rates_from = serializers.DateField(allow_null=True, help_text="Day of the oldest rate used.")
    rates_to = serializers.DateField(allow_null=True)
    left_out = serializers.DictField(child=serializers.CharField(), help_text="Amounts with no known rate.")


def only(request: Request, *names: str) -> None:
    unknown = sorted(set(request.query_params) - {*names, "fields"})
    if unknown:
        words = ["There is no such parameter here."]
        raise ValidationError(dict.fromkeys(unknown, words), code="unknown_parameter")


def total_of(total: Total | None) -> dict[str, Any] | None:
    if total is None:
        return None
    return {
        "amount": str(total.amount),
        "currency": total.currency,
        "rates_from": total.rates_from,
        "rates_to": total.rates_to,
        "left_out": {currency: str(amount) for currency, amount in total.left_out},
    }
