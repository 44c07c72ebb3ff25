"""`Idempotency-Key`: a POST that is sent again has its effect once and gets the same answer."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from gtmos.kernel.api_limits import KEEP_COUNTS, caller_of
from gtmos.kernel.api_models import RequestCount, StoredAnswer
from gtmos.kernel.secrets import seal_bytes, unseal_bytes

View = Callable[..., HttpResponse]
KEPT = timedelta(hours=24)
LONGEST_KEY = 255
KEPT_HEADERS = ("Content-Type", "ETag", "Location", "Cache-Control")


class StillRunning(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = "A request with this Idempotency-Key is still running. Ask again in a moment."
    default_code = "idempotency_key_running"


class OtherRequest(APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = "This Idempotency-Key was used for another request. Use a new key."
    default_code = "idempotency_key_reused"


class BadKey(APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_detail = f"An Idempotency-Key has from 1 to {LONGEST_KEY} characters."
    default_code = "bad_idempotency_key"


def answer_once(
    request: Request,
    body: bytes,
    work: Callable[[], Response],
    finish: Callable[[Response], HttpResponseBase],
) -> HttpResponseBase:
    """Do the work and keep its answer in one transaction, or give the answer that is kept.

    A refusal changes nothing and keeps nothing, so the same key may be tried again.
    """
    key = request.headers["Idempotency-Key"]
    if not 0 < len(key) <= LONGEST_KEY:
        raise BadKey
    with transaction.atomic():
        kept = _claim(request, key, hashlib.sha256(body).hexdigest())
        if kept.status:
            return _replayed(kept)
        answer: Any = finish(work())
        answer.render()
        _keep(kept, answer)
    return answer  # type: ignore[no-any-return]  # DRF's stubs do not say what finish returns


def done_once(view: View) -> View:
    """For a page: what is sent again because its answer was lost is done once. A second sending waits for the first."""

    @wraps(view)
    def once(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.headers.get("Idempotency-Key", "")[:LONGEST_KEY]
        if not key:
            return view(request, *args, **kwargs)
        with transaction.atomic():
            try:
                kept = _row(f"user:{request.user.pk}", request, key, _digest(request))
            except OtherRequest:
                return HttpResponse(OtherRequest.default_detail, status=OtherRequest.status_code)
            if kept.status:
                return _replayed(kept)
            answer = view(request, *args, **kwargs)
            if answer.status_code >= status.HTTP_400_BAD_REQUEST:
                transaction.set_rollback(True)
            else:
                _keep_effect(kept, answer)
        return answer

    return once


def _digest(request: HttpRequest) -> str:
    """Of what was typed: the token of a form is another one after signing in again."""
    typed = sorted((name, values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken")
    return hashlib.sha256(repr(typed).encode()).hexdigest()


def _keep_effect(kept: StoredAnswer, answer: HttpResponse) -> None:
    """What a page said of it, without the page: whoever sends again reads that anew."""
    kept.status = answer.status_code
    kept.headers = {name: answer[name] for name in ("HX-Trigger",) if answer.has_header(name)}
    kept.headers["HX-Reswap"] = "none"
    kept.save(update_fields=["status", "headers"])


def _claim(request: Request, key: str, digest: str) -> StoredAnswer:
    """The row of this key, new or kept; locked until the transaction ends."""
    caller = caller_of(request)
    if not _lock(f"{caller} {key}"):
        raise StillRunning
    return _row(caller, request, key, digest)


def _row(caller: str, request: Request | HttpRequest, key: str, digest: str) -> StoredAnswer:
    path = request.get_full_path()[:500]
    StoredAnswer.objects.filter(caller=caller, key=key, created_at__lt=timezone.now() - KEPT).delete()
    kept, _ = StoredAnswer.objects.get_or_create(
        caller=caller,
        key=key,
        defaults={"method": request.method or "", "path": path, "body_digest": digest},
    )
    if (kept.method, kept.path, kept.body_digest) != (request.method, path, digest):
        raise OtherRequest
    return kept


def _lock(name: str) -> bool:
    """Held to the end of the transaction, also when the process is killed; false when somebody else has it."""
    number = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return bool(cursor.fetchone()[0])


def _keep(kept: StoredAnswer, answer: Response) -> None:
    kept.status = answer.status_code
    kept.headers = {name: answer[name] for name in KEPT_HEADERS if answer.has_header(name)}
    kept.body = seal_bytes(answer.content) if _is_secret(kept) else answer.content
    kept.save(update_fields=["status", "headers", "body"])


def _replayed(kept: StoredAnswer) -> HttpResponse:
    body = unseal_bytes(bytes(kept.body)) if _is_secret(kept) else bytes(kept.body)
    answer = HttpResponse(body, status=kept.status, headers=kept.headers)
    answer["Idempotency-Replayed"] = "true"
    return answer


def _is_secret(kept: StoredAnswer) -> bool:
    """An answer that nobody else may keep is kept here sealed."""
    return "no-store" in kept.headers.get("Cache-Control", "")


def forget_requests() -> int:
    """Take away answers older than a day and counts of past hours."""
    now = timezone.now()
    answers = StoredAnswer.objects.filter(created_at__lt=now - KEPT).delete()[0]
    return answers + RequestCount.objects.filter(minute__lt=now - KEEP_COUNTS).delete()[0]
