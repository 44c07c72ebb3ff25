from outreach.models.address import ChannelAddress
from outreach.models.approval import ApprovedContent
from outreach.models.availability import BookingHours
from outreach.models.calendar import ClosedDay
from outreach.models.campaign import Campaign, Enrollment
from outreach.models.domain import SendingDomain, SendingDomainDay
from outreach.models.engagement import Engagement
from outreach.models.experiment import Experiment, Variant
from outreach.models.inbound import InboundMail
from outreach.models.mailbox import Mailbox, MailboxDay
from outreach.models.provider import EmailProvider, ProviderEvent, ProviderPost
from outreach.models.research import Prospect, ResearchJob, SavedSearch
from outreach.models.scoring import ScoringWeights
from outreach.models.sequence import Step
from outreach.models.template import MailTemplate
from outreach.models.touch import Touch, TouchAttempt

__all__ = [
    "ApprovedContent",
    "BookingHours",
    "Campaign",
    "ChannelAddress",
    "ClosedDay",
    "EmailProvider",
    "Engagement",
    "Enrollment",
    "Experiment",
    "InboundMail",
    "MailTemplate",
    "Mailbox",
    "MailboxDay",
    "Prospect",
    "ProviderEvent",
    "ProviderPost",
    "ResearchJob",
    "SavedSearch",
    "ScoringWeights",
    "SendingDomain",
    "SendingDomainDay",
    "Step",
    "Touch",
    "TouchAttempt",
    "Variant",
]
