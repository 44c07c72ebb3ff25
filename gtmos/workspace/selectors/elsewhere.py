"""What no sentence does yet and a page does: which page that is."""

from django.urls import reverse

from agents.planner.plan import Plan
from agents.planner.schema import REGISTRY
from agents.services.registry import find_tool

PAGES = {
    "ab.configure": ("Campaigns", "outreach:campaigns"),
    "approval.decide": ("Approvals", "workspace:approvals"),
    "approval.list": ("Approvals", "workspace:approvals"),
    "campaign.clone": ("Campaigns", "outreach:campaigns"),
    "campaign.edit_touch": ("Campaigns", "outreach:campaigns"),
    "company.create": ("Companies", "crm:companies"),
    "contact.create": ("Contacts", "crm:contacts"),
    "forecast.query": ("Forecast", "crm:report-forecast"),
    "meeting.schedule": ("Meetings", "crm:meetings"),
    "meeting.update": ("Meetings", "crm:meetings"),
    "recommend.next": ("Today", "workspace:home"),
    "records.dedupe": ("Duplicates", "crm:duplicates"),
    "records.export": ("Companies", "crm:companies"),
    "report.generate": ("Pipeline report", "crm:report-review"),
    "search.semantic": ("Search", "workspace:search"),
}
HINTS = {
    "records.dedupe": "or tick two in a list and press Merge",
    "records.export": "or any other list: Export is below it",
}


def elsewhere(plan: Plan) -> tuple[str, dict[str, str]] | None:
    """What was understood, and the page for it, for the first step that no tool does."""
    named = [step.intent for step in plan.steps] or [plan.intent or ""]
    intent = next((each for each in named if each in PAGES and find_tool(each) is None), "")
    if not intent:
        return None
    name, page = PAGES[intent]
    said = f"{REGISTRY[intent].title} is done on its page, not by a sentence."
    return said, {"url": reverse(page), "name": name, "kind": "", "detail": HINTS.get(intent, "")}
