"""An amount with its currency."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Case, Q, TextField, Value, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Concat
from django.db.models.lookups import IsNull

from gtmos.kernel.fields.types.field_type import BadValueError, Options, a_text
from gtmos.kernel.fields.types.number import AsNumber, NumberType, read_number

SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR"}
_CODE = re.compile(r"(?<![A-Za-z])([A-Za-z]{3})(?![A-Za-z])")
CENT = Decimal("0.01")


class MoneyType(NumberType):
    """`options["currency"]` is meant where a value names none."""

    key = "money"
    label = "Money"

    def parse(self, raw: Any, options: Options) -> dict[str, str]:  # type: ignore[override]  # money is an object
        usual = str(options.get("currency") or "USD")
        if isinstance(raw, Mapping):
            unknown = set(raw) - {"amount", "currency"}
            if unknown or raw.get("amount") in (None, ""):
                raise BadValueError("Write an amount and a currency.")
            return _kept(raw["amount"], str(raw.get("currency") or usual))
        text = a_text(raw)
        found = _CODE.search(text)
        code = found[1] if found else next((SIGNS[sign] for sign in SIGNS if sign in text), usual)
        bare = re.sub(f"[{''.join(SIGNS)}]", "", _CODE.sub("", text))
        return _kept(bare, code)

    def render(self, value: Any, options: Options) -> str:
        del options
        return f"{Decimal(value['amount']):,.2f} {value['currency']}".replace(".00 ", " ")

    def schema(self, options: Options) -> dict[str, Any]:
        del options
        amount = {"type": ["string", "number"], "format": "decimal"}
        currency = {"type": "string", "minLength": 3, "maxLength": 3}
        properties = {"amount": amount, "currency": currency}
        return {"type": ["object", "string"], "properties": properties, "required": ["amount"]}

    def sort_expression(self, key: str) -> Any:
        return AsNumber(KeyTextTransform("amount", KeyTransform(key, "custom")))

    def written(self, key: str) -> Any:
        value = KeyTransform(key, "custom")
        amount, currency = KeyTextTransform("amount", value), KeyTextTransform("currency", value)
        return Case(
            When(
                IsNull(amount, rhs=False), then=Concat(amount, Value(" "), currency, output_field=TextField())
            )
        )

    def compared(self, value: Any) -> Decimal:
        return Decimal(value["amount"])

    def equals(self, key: str, text: str, options: Options) -> Q:
        return Q(custom__contains={key: self._needed(text, options)})


def _kept(amount: Any, currency: str) -> dict[str, str]:
    if not re.fullmatch("[A-Za-z]{3}", currency, re.ASCII):
        raise BadValueError("Write the currency as three letters, such as EUR.")
    number = read_number(amount)
    if number != round(number, 2):
        raise BadValueError("Write at most two decimals.")
    return {"amount": f"{number.quantize(CENT) + 0:f}", "currency": currency.upper()}
