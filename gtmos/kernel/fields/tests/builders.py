"""Custom fields that tests start from."""

from typing import Any

from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.fields.models import CustomField
from gtmos.kernel.fields.services.definitions import create_field
from gtmos.kernel.tests.builders import serial

BANDS = {"choices": ["<1M", "1-5M", "5-20M"]}


def a_field(
    noun: str = "company", label: str = "", *, kind: str = "text", actor: Actor = SYSTEM, **values: Any
) -> CustomField:
    return create_field(noun, label or serial("Field"), type=kind, actor=actor, **values)


def an_arr_band(**values: Any) -> CustomField:
    return a_field(label="ARR band", kind="choice", options=BANDS, in_list=True, **values)
