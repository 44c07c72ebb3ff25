"""Where mail providers post. Nobody is signed in: the post proves itself, is kept, and only then acknowledged."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from gtmos.kernel.secrets import unseal
from outreach.channels.email.providers import PROVIDERS, RefusedPostError, check
from outreach.channels.email.providers.registry import INBOUND, TRACKING
from outreach.selectors.providers import connected_provider
from outreach.services.provider_posts import keep_post, note_refusal

REALM = 'Basic realm="GTM OS"'


@csrf_exempt
@require_http_methods(["HEAD", "POST"])
@never_cache
def tracking(request: HttpRequest, key: str) -> HttpResponse:
    return _taken(request, key, TRACKING)


@csrf_exempt
@require_http_methods(["HEAD", "POST"])
@never_cache
def inbound(request: HttpRequest, key: str) -> HttpResponse:
    return _taken(request, key, INBOUND)


def _taken(request: HttpRequest, key: str, kind: str) -> HttpResponse:
    row = connected_provider(key)
    if row is None or not PROVIDERS[key].takes(kind):
        return _answer("No such provider is connected.", 404)
    if request.method == "HEAD":  # some look whether anybody is there before they keep the address
        return _answer("", 200)
    try:
        body = request.body  # before anything reads the form, and exactly as it was signed
    except RequestDataTooBig:
        note_refusal(row, "It was larger than what is taken.")
        return _answer("This post is too large.", 413)
    signing_key, credentials = unseal(row.signing_key), unseal(row.credentials)
    try:
        check(PROVIDERS[key], kind, request, signing_key=signing_key, credentials=credentials)
    except RefusedPostError as error:
        note_refusal(row, str(error))
        return _refused(request, is_signed=PROVIDERS[key].is_signed(kind))
    post_id = request.headers.get("svix-id", "")
    keep_post(row, kind, body, content_type=request.headers.get("Content-Type", ""), post_id=post_id)
    return _answer("Kept.", 200)


def _refused(request: HttpRequest, *, is_signed: bool) -> HttpResponse:
    """Nothing is said of what was wrong. Amazon sends its password only when it was asked for."""
    if is_signed or "Authorization" in request.headers:
        return _answer("This post was refused.", 400)
    answer = _answer("This post was refused.", 401)
    answer["WWW-Authenticate"] = REALM
    return answer


def _answer(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain")
