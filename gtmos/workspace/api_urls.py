"""The API: each app's routes behind one door, its schema and its documentation."""

from typing import Any

from django.urls import path, register_converter
from django.urls.converters import PathConverter
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.routers import SimpleRouter

from agents.api.urls import router as agents_router
from crm.api.urls import router as crm_router
from gtmos.context.api.urls import router as context_router
from gtmos.kernel.api_door import Door
from gtmos.kernel.approvals.api import router as approvals_router
from gtmos.kernel.events.api import router as events_router
from gtmos.kernel.fields.api import router as fields_router
from gtmos.kernel.flags.api import router as flags_router
from gtmos.kernel.lists.api import router as lists_router
from gtmos.kernel.notifications.api import router as notifications_router
from gtmos.kernel.people.api import router as people_router
from gtmos.kernel.webhooks.api import router as kernel_router
from gtmos.kernel.workflows.api import router as workflows_router
from gtmos.workspace.views.api import nothing_here
from gtmos.workspace.views.search_api import SearchView
from outreach.api.urls import router as outreach_router


def behind_the_door(viewset: type[Any]) -> type[Any]:
    """No view can forget what all addresses do alike."""
    if issubclass(viewset, Door):
        return viewset
    return type(
        viewset.__name__, (Door, viewset), {"__doc__": viewset.__doc__, "__module__": viewset.__module__}
    )


class Whatever(PathConverter):
    """The rest of an address, line breaks in it too, which `path` leaves to the page that says 404."""

    regex = "(?s:.+)"


register_converter(Whatever, "whatever")

router = SimpleRouter()
for app_router in (
    kernel_router,
    events_router,
    approvals_router,
    flags_router,
    workflows_router,
    notifications_router,
    people_router,
    fields_router,
    lists_router,
    context_router,
    crm_router,
    outreach_router,
    agents_router,
):
    for prefix, viewset, basename in app_router.registry:
        router.register(prefix, behind_the_door(viewset), basename=f"api-{basename}")
router.register("search", behind_the_door(SearchView), basename="api-search")

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(authentication_classes=[]), name="api-schema"),
    path(
        "docs/",
        SpectacularSwaggerView.as_view(url_name="api-schema", authentication_classes=[]),
        name="api-docs",
    ),
    *router.urls,
    path("<whatever:rest>", nothing_here),
]
