"""How the API speaks: problem details, versions in ETags, the actor of a request."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from typing import Any

from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler

from gtmos.kernel import tracing
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, MovedError
from gtmos.kernel.people.models import User

logger = logging.getLogger(__name__)


def actor_of(request: Request) -> Actor:
    assert isinstance(request.user, User)
    return Actor.of(request.user, source="api")


class StaleVersion(APIException):
    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_detail = "The record has changed since you read it. Read it again and repeat the change."
    default_code = "stale_version"


class VersionRequired(APIException):
    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_detail = "Send If-Match with the ETag of the version you read."
    default_code = "version_required"


def require_match(request: Request, etag: str) -> None:
    """No lost update: a change names the version that it was made on."""
    given = request.headers.get("If-Match")
    if given is None:
        raise VersionRequired
    if not {etag, "*"} & {each.strip().removeprefix("W/") for each in given.split(",")}:
        raise StaleVersion


def problem(*, status_code: int, code: str, detail: str, title: str = "", errors: Any = None) -> Response:
    """RFC 9457 problem details."""
    body: dict[str, Any] = {
        "type": f"/api/v1/docs/#{code}",
        "title": title or code.replace("_", " ").capitalize(),
        "status": status_code,
        "detail": detail,
        "code": code,
        "request_id": tracing.request_id() or uuid.uuid4().hex,
    }
    if errors:
        body["errors"] = errors
    return Response(body, status=status_code, content_type="application/problem+json")


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every refusal in one shape, whatever app refused; its `request_id` stands in the log."""
    answer = _shaped(error, context)
    if answer is not None:
        code, request_id = answer.data["code"], answer.data["request_id"]
        view = type(context.get("view")).__name__
        logger.info("%s refused with %s %s, request %s", view, answer.status_code, code, request_id)
        answer["X-Request-ID"] = request_id
    return answer


def _shaped(error: Exception, context: dict[str, Any]) -> Response | None:
    if isinstance(error, MovedError):
        return _moved(error, context["request"])
    if isinstance(error, DomainError):
        return problem(
            status_code=error.status_code, code=error.code, detail=error.message, errors=list(error.missing)
        )
    answer = exception_handler(error, context)
    if answer is None:
        return None
    detail, errors = _words(answer.data)
    code = getattr(error, "default_code", "error")
    codes = error.get_codes() if isinstance(error, APIException) else code
    shaped = problem(
        status_code=answer.status_code,
        code=codes if isinstance(codes, str) else "invalid_input",
        detail=detail,
        errors=errors,
    )
    for name, value in answer.headers.items():
        if name.lower() not in {"content-type", "content-length"}:
            shaped[name] = value
    return shaped


def _moved(error: MovedError, request: Request) -> Response:
    """A program that reads is led on; nobody keeps the way in mind, for a merge can be taken back."""
    is_read = request.method in {"GET", "HEAD"}
    code = status.HTTP_301_MOVED_PERMANENTLY if is_read else error.status_code
    answer = problem(status_code=code, code=error.code, detail=error.message)
    answer.data["merged_into"] = error.new
    answer["Cache-Control"] = "no-store"
    if is_read:
        answer["Location"] = request.get_full_path().replace(error.old, error.new, 1)
    return answer


def _words(data: Any) -> tuple[str, Any]:
    if isinstance(data, Mapping) and set(data) == {"detail"}:
        return str(data["detail"]), None
    return "Some values were not accepted; nothing was changed.", data
