"""What every address of the API does alike, whichever app it belongs to."""

from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from django.db import models, transaction
from django.http.response import HttpResponseBase
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from gtmos.kernel.api_access import SAFE
from gtmos.kernel.api_idempotency import answer_once
from gtmos.kernel.api_parsing import body_of, refuse_nul

Handler = Callable[..., Response]


class Door(GenericViewSet[Any]):
    """Repeats answers to a repeated POST, holds a row while it is changed, and leaves out what was not asked for."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        refuse_nul(request)
        method = (request.method or "").lower()
        handler = getattr(self, method, None)
        if handler is None:
            return
        # Files may be larger than other bodies; the verb has a bound of its own.
        is_streamed = getattr(self, "takes_files", False) and "Idempotency-Key" not in request.headers
        body = b"" if request.method in SAFE or is_streamed else body_of(request)
        if request.method in {"GET", "HEAD"}:
            setattr(self, method, partial(_sparse, handler))
        elif method == "post" and "Idempotency-Key" in request.headers:
            setattr(self, method, partial(self._once, handler, body))
        else:
            setattr(self, method, transaction.atomic(handler))

    def get_object(self) -> Any:
        """A row that is about to be changed is held first, so that its version is still true when it is."""
        record = super().get_object()
        if self.request.method not in {"PATCH", "PUT", "DELETE"}:
            return record
        hold(record)
        return super().get_object()

    def _once(
        self, handler: Handler, body: bytes, request: Request, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        return answer_once(
            request,
            body,
            work=partial(handler, request, *args, **kwargs),
            finish=partial(self.finalize_response, request, *args, **kwargs),
        )


def hold(record: models.Model) -> None:
    """Nobody else changes this row until the transaction ends."""
    manager = record.__class__._default_manager
    manager.select_for_update(of=("self",)).values_list("pk").get(pk=record.pk)


def _sparse(handler: Handler, request: Request, *args: Any, **kwargs: Any) -> Response:
    """`?fields=id,name` on anything that is read."""
    answer = handler(request, *args, **kwargs)
    wanted = [name for name in request.query_params.get("fields", "").split(",") if name]
    if wanted and isinstance(getattr(answer, "data", None), dict):  # a file that is sent has no fields
        chosen = [_only(row, wanted) for row in answer.data.get("results", [answer.data])]
        answer.data = {**answer.data, "results": chosen} if "results" in answer.data else chosen[0]
    return answer


def _only(row: dict[str, Any], wanted: Collection[str]) -> dict[str, Any]:
    unknown = [name for name in wanted if name not in row]
    if unknown:
        raise ValidationError({"fields": [f"There is no {', '.join(unknown)} here."]}, code="unknown_field")
    return {name: row[name] for name in wanted}
