"""Routes of this app's API."""

from rest_framework.routers import SimpleRouter

from outreach.api.campaigns import CampaignView, ExperimentView, StepView, TouchView
from outreach.api.research import ProspectView, ResearchView, SavedSearchView

router = SimpleRouter()
router.register("campaigns", CampaignView, basename="campaign")
router.register("sequences", StepView, basename="step")
router.register("touches", TouchView, basename="touch")
router.register("experiments", ExperimentView, basename="experiment")
router.register("research-jobs", ResearchView, basename="research-job")
router.register("prospects", ProspectView, basename="prospect")
router.register("saved-searches", SavedSearchView, basename="saved-search")
