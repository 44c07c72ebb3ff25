"""Routes of the customer record's API."""

from rest_framework.routers import SimpleRouter

from crm.api.account_teams import AccountTeamView
from crm.api.alerts import AlertView
from crm.api.bulk_edits import BulkEditView
from crm.api.documents import DocumentView
from crm.api.exports import ExportView
from crm.api.figures import ObjectionView, RateView
from crm.api.meetings import MeetingView, MentionView
from crm.api.pipelines import PipelineView
from crm.api.quality import DuplicateView, HygieneView, MergeView
from crm.api.readings import ProposalView, ReadingView
from crm.api.reports import ReportView
from crm.api.routing import RoutingView
from crm.api.streams import EventView, SignalView
from crm.api.target_lists import TargetAccountView, TargetListView
from crm.api.views import ActivityView, CompanyView, ContactView, DealView, TaskView

router = SimpleRouter()
router.register("companies", CompanyView, basename="company")
router.register("account-team-members", AccountTeamView, basename="account-team-member")
router.register("contacts", ContactView, basename="contact")
router.register("deals", DealView, basename="deal")
router.register("pipelines", PipelineView, basename="pipeline")
router.register("exchange-rates", RateView, basename="exchange-rate")
router.register("objections", ObjectionView, basename="objection")
router.register("activities", ActivityView, basename="activity")
router.register("tasks", TaskView, basename="task")
router.register("meetings", MeetingView, basename="meeting")
router.register("mentions", MentionView, basename="mention")
router.register("readings", ReadingView, basename="reading")
router.register("proposals", ProposalView, basename="proposal")
router.register("documents", DocumentView, basename="document")
router.register("alerts", AlertView, basename="alert")
router.register("signals", SignalView, basename="signal")
router.register("exports", ExportView, basename="export")
router.register("reports", ReportView, basename="report")
router.register("events", EventView, basename="event")
router.register("merges", MergeView, basename="merge")
router.register("duplicates", DuplicateView, basename="duplicate")
router.register("routing-versions", RoutingView, basename="routing-version")
router.register("bulk-edits", BulkEditView, basename="bulk-edit")
router.register("target-lists", TargetListView, basename="target-list")
router.register("target-accounts", TargetAccountView, basename="target-account")
router.register("hygiene", HygieneView, basename="hygiene")
