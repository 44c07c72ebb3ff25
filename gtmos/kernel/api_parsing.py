"""Reading JSON bodies: bounded, and only what the database can keep."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request

NUL = "\x00"


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = f"A request holds at most {settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024 // 1024} MB."
    default_code = "too_large"


class BodyParser(JSONParser):
    """JSON without NaN, without text that no database takes, and nested no deeper than Python reads."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        del media_type, parser_context
        text = stream.read()
        try:
            data = json.loads(text, parse_constant=_no_constant)
            if b"\\u" in text:  # only an escape can bring in what UTF-8 and the database refuse
                json.dumps(data, ensure_ascii=False).encode()
        except RecursionError as error:
            raise ParseError("The JSON is nested too deeply.", code="bad_json") from error
        except UnicodeError as error:
            raise ParseError("The text is not UTF-8.", code="bad_json") from error
        except ValueError as error:
            raise ParseError(f"This is no JSON: {error}", code="bad_json") from error
        if b"\\u0000" in text and _has_nul(data):
            raise ParseError("A text holds a NUL character.", code="bad_json")
        return data


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _has_nul(data: Any) -> bool:
    if isinstance(data, str):
        return NUL in data
    if isinstance(data, dict):
        return any(NUL in key or _has_nul(value) for key, value in data.items())
    return isinstance(data, list) and any(_has_nul(value) for value in data)


def body_of(request: Request) -> bytes:
    """The whole body, refused when it is larger than a form may be."""
    try:
        body: bytes = request._request.body  # noqa: SLF001 -- DRF reads the stream without any limit
    except RequestDataTooBig as error:
        raise TooLarge from error
    return body


def refuse_nul(request: Request) -> None:
    """No column holds it, so it must not reach a query."""
    if any(NUL in value for _, values in request.query_params.lists() for value in values):
        raise ParseError("A parameter holds a NUL character.", code="bad_parameter")
