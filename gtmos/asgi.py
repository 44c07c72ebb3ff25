"""HTTP and the live socket."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gtmos.settings")
http = get_asgi_application()

# The consumers' imports need Django's registry, which the line above has filled.
from channels.auth import AuthMiddlewareStack  # noqa: E402 -- see above
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 -- see above
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402 -- see above
from django.urls import path  # noqa: E402 -- see above

import gtmos.celery  # noqa: E402 -- so that jobs go to the configured broker
from gtmos.workspace.consumers import LiveConsumer  # noqa: E402 -- see above

assert gtmos.celery.app
application = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": AllowedHostsOriginValidator(
            AuthMiddlewareStack(URLRouter([path("live/", LiveConsumer.as_asgi())]))
        ),
    }
)
