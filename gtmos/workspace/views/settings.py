"""What can be set up here, and where: one page that leads to all of it."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse

from gtmos.kernel.actors import Actor
from gtmos.kernel.permissions import allows
from gtmos.kernel.web import actor_of, page


@dataclass(frozen=True, slots=True)
class Entry:
    """One way on. `right` is the permission without which it is not shown."""

    name: str
    label: str
    words: str
    right: str = ""


CONFIGURE = "crm.configure_pipelines"
GROUPS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "People and rights",
        (
            Entry(
                "workspace:people",
                "People",
                "Invite, change, deactivate and hand over.",
                "kernel.manage_people",
            ),
            Entry("admin:kernel_accessrole_changelist", "Roles", "What each role may see and do.", CONFIGURE),
            Entry("workspace:teams", "Teams", "Who shares records.", "kernel.manage_people"),
            Entry("crm:routing", "Routing", "Who gets what comes in, tried before it counts.", CONFIGURE),
            Entry("crm:territories", "Territories", "Whose region is whose, and what would move.", CONFIGURE),
        ),
    ),
    (
        "Records",
        (
            Entry("admin:kernel_customfield_changelist", "Fields", "Your own fields on records.", CONFIGURE),
            Entry(
                "admin:kernel_validationrule_changelist",
                "Rules",
                "What a record must have, in your words.",
                CONFIGURE,
            ),
            Entry("admin:crm_pipeline_changelist", "Pipelines", "Stages and what each asks for.", CONFIGURE),
            Entry(
                "admin:kernel_approvalpolicy_changelist",
                "Approval policies",
                "What needs whose word, and until when.",
                "kernel.configure_approvals",
            ),
            Entry("workspace:approvals", "Approvals", "What waits for a decision, and what was decided."),
            Entry("crm:rates", "Exchange rates", "What other currencies are worth."),
        ),
    ),
    (
        "Data",
        (
            Entry("crm:imports", "Imports", "Bring lists in and take them back."),
            Entry("crm:duplicates", "Duplicates", "Records that may be one."),
            Entry("crm:hygiene", "Data hygiene", "What is missing, stale or contradicts."),
            Entry("crm:readings", "Readings", "What notes and mails say of records, and what contradicts."),
            Entry("crm:alerts", "Alerts", "What is worth knowing at once about customers."),
            Entry(
                "admin:crm_alertrule_changelist",
                "Alert rules",
                "Which alerts are told, and from when on.",
                CONFIGURE,
            ),
            Entry("crm:documents", "Documents", "Files beside records, found by their words."),
            Entry("crm:objections", "Objections", "What buyers say against it, by kind."),
        ),
    ),
    (
        "Outreach",
        (
            Entry(
                "admin:outreach_scoringweights_changelist",
                "Scoring weights",
                "How much each criterion counts in research.",
                CONFIGURE,
            ),
            Entry(
                "admin:outreach_mailtemplate_changelist",
                "Mail templates",
                "Texts that a message may begin with.",
                CONFIGURE,
            ),
            Entry(
                "admin:outreach_mailbox_changelist",
                "Mailboxes",
                "Addresses that campaigns send from.",
                CONFIGURE,
            ),
            Entry("outreach:domains", "Domain health", "Whether what we write arrives, and what to mend."),
        ),
    ),
    (
        "Installation",
        (
            Entry("admin:index", "RevOps desk", "All that is set, by what it is about.", CONFIGURE),
            Entry(
                "admin:kernel_featureflag_changelist",
                "Feature flags",
                "Who has which new part already.",
                CONFIGURE,
            ),
            Entry(
                "admin:kernel_schedulesetting_changelist",
                "Schedules",
                "What is done again and again, and how often.",
                CONFIGURE,
            ),
            Entry(
                "desk-configuration",
                "Configuration as a file",
                "Taken out here, compared and brought in elsewhere.",
                CONFIGURE,
            ),
        ),
    ),
    (
        "Connections and trust",
        (
            Entry(
                "workspace:connections",
                "Connections",
                "What is connected, when it worked last, and what went wrong.",
                CONFIGURE,
            ),
            Entry("workspace:webhooks", "Webhooks", "Tell other systems what happens.", CONFIGURE),
            Entry(
                "outreach:providers",
                "Mail providers",
                "Hear from SendGrid, Mailgun and others what became of mails.",
                CONFIGURE,
            ),
            Entry(
                "workspace:event-flow", "Events", "What was told, handled, tried again, given up.", CONFIGURE
            ),
            Entry(
                "workspace:workflows",
                "Workflows",
                "What starts by itself at an event, and its runs.",
                CONFIGURE,
            ),
            Entry(
                "workspace:event-catalogue",
                "Event catalogue",
                "Every event, its version and shape.",
                CONFIGURE,
            ),
            Entry("api-docs", "API", "Every address for programs, with its shape."),
            Entry("workspace:audit", "Audit log", "Who did what, to which record.", "kernel.view_audit"),
            Entry(
                "crm:privacy",
                "Privacy",
                "What was exported and erased, and what goes when.",
                "crm.erase_person",
            ),
        ),
    ),
)


@login_required
def settings_page(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    groups = [(name, _shown(entries, actor)) for name, entries in GROUPS]
    return page(request, "workspace/settings/list.html", {"groups": [each for each in groups if each[1]]})


def _shown(entries: tuple[Entry, ...], actor: Actor) -> list[tuple[Entry, str]]:
    found = []
    for entry in entries:
        url = _url(entry.name)
        if url and (not entry.right or _may(actor, entry.right)):
            found.append((entry, url))
    return found


def _url(name: str) -> str:
    """Empty where this installation has no such page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _may(actor: Actor, right: str) -> bool:
    try:
        return allows(actor, right)
    except KeyError:
        return False
