"""The answer to an address of the API that does not exist."""

import uuid

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt


@csrf_exempt
def nothing_here(request: HttpRequest, rest: str) -> JsonResponse:
    """A problem in the API's own shape rather than a page; nothing is read or written."""
    body = {
        "type": "/api/v1/docs/#not_found",
        "title": "Not found",
        "status": 404,
        "detail": f"There is nothing at /api/v1/{rest[:100]}. Addresses end with a slash.",
        "code": "not_found",
        "request_id": uuid.uuid4().hex,
    }
    del request
    return JsonResponse(body, status=404, content_type="application/problem+json")
