from crm.models.account_team import AccountTeamMember
from crm.models.activity import Activity, Task
from crm.models.alert import Alert, AlertRule
from crm.models.bulk_edit import BulkEdit
from crm.models.company import Company
from crm.models.contact import Contact
from crm.models.conversation import ColleagueMessage, MessagesRead
from crm.models.currency import ExchangeRate
from crm.models.deal import Deal
from crm.models.document import Document
from crm.models.forecast import ForecastSnapshot
from crm.models.importing import ImportBatch, ImportMove, RememberedMapping
from crm.models.meeting import Meeting, MeetingAttendee
from crm.models.mention import Mention
from crm.models.merge import DuplicatePair, DuplicateSearch, Merge
from crm.models.objection import Objection
from crm.models.pipeline import Pipeline, Stage, StageCriterion
from crm.models.reading import Proposal, Reading
from crm.models.routing import RoutingTurn, RoutingVersion
from crm.models.signal import Signal
from crm.models.source_key import PendingLink, SourceKey
from crm.models.target_list import TargetAccount, TargetList
from crm.models.usage import UsageEvent

__all__ = [
    "AccountTeamMember",
    "Activity",
    "Alert",
    "AlertRule",
    "BulkEdit",
    "ColleagueMessage",
    "Company",
    "Contact",
    "Deal",
    "Document",
    "DuplicatePair",
    "DuplicateSearch",
    "ExchangeRate",
    "ForecastSnapshot",
    "ImportBatch",
    "ImportMove",
    "Meeting",
    "MeetingAttendee",
    "Mention",
    "Merge",
    "MessagesRead",
    "Objection",
    "PendingLink",
    "Pipeline",
    "Proposal",
    "Reading",
    "RememberedMapping",
    "RoutingTurn",
    "RoutingVersion",
    "Signal",
    "SourceKey",
    "Stage",
    "StageCriterion",
    "TargetAccount",
    "TargetList",
    "Task",
    "UsageEvent",
]
