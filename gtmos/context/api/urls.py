"""Routes of the company context's API."""

from rest_framework.routers import SimpleRouter

from gtmos.context.api.views import ProductView

router = SimpleRouter()
router.register("products", ProductView, basename="product")
