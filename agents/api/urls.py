"""Routes of the agents' API."""

from rest_framework.routers import SimpleRouter

from agents.api.inputs import InputView
from agents.api.views import ApprovalView, RunView

router = SimpleRouter()
router.register("runs", RunView, basename="run")
router.register("approvals", ApprovalView, basename="approval")
router.register("inputs", InputView, basename="input")
