"""What is coming, month by month."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse

from gtmos.kernel.web import Request, actor_of, page
from gtmos.workspace.selectors.roadmap import KINDS, MOST, WHOSE, Wanted
from gtmos.workspace.selectors.roadmap import roadmap as roadmap_of


@login_required
def roadmap(request: Request) -> HttpResponse:
    wanted = Wanted.of(request.GET.dict())
    context = {
        "roadmap": roadmap_of(wanted, actor=actor_of(request)),
        "wanted": wanted,
        "kinds": (("", "Everything"), *KINDS.items()),
        "whose": WHOSE.items(),
        "most": MOST,
        "query": request.GET.urlencode(),
    }
    return page(request, "workspace/roadmap/roadmap.html", context)
