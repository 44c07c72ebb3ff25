"""Is the process alive, and is every part ready."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from gtmos.workspace.selectors.readiness import readiness


def healthz(request: HttpRequest) -> HttpResponse:
    del request
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    del request
    report = readiness()
    return JsonResponse(report, status=200 if report["ok"] else 503)
