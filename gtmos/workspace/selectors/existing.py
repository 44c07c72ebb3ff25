"""Which things there are for a person, asked in one statement by hand.

The ORM takes milliseconds of every home to put such a statement together, and the answers are words of one letter.
"""

from typing import Any

from django.db import connection

from agents.enums import RunState, SuggestionState
from crm.enums import AlertState
from crm.models import Contact, Deal, Meeting
from gtmos.kernel.actors import Actor
from gtmos.kernel.records import visible_condition
from outreach.enums import TouchState
from outreach.models import Campaign, ResearchJob

LEADS = 10
OWNED: dict[str, Any] = {
    "contact": Contact,
    "deal": Deal,
    "meeting": Meeting,
    "campaign": Campaign,
    "research": ResearchJob,
}
# What the first steps ask for; the words in braces are the condition under which this person sees the row `t`.
STEPS = {
    "house": "context_organisation WHERE name <> '' AND postal_address <> ''",
    "mailbox": "outreach_mailbox WHERE is_active",
    "product": "context_product WHERE description <> ''",
    "leads": f"crm_contact t WHERE {{contact}} OFFSET {LEADS - 1}",
    "campaign": "outreach_campaign t WHERE {campaign}",
    "sent": "outreach_touch s JOIN outreach_campaign t ON t.id = s.campaign_id"
    f" WHERE s.state = '{TouchState.SENT}' AND {{campaign}}",
    "booking": "outreach_mailbox WHERE is_active AND booking_url <> ''",
    "meeting": "crm_meeting t WHERE {meeting}",
    "experiment": "outreach_experiment e JOIN outreach_campaign t ON t.id = e.campaign_id WHERE {campaign}",
    "deal": "crm_deal t WHERE {deal}",
    "next_step": "crm_deal t WHERE t.next_step <> '' AND {deal}",
    "research": "outreach_researchjob t WHERE {research}",
    "target_list": "crm_targetlist",
}
# What may wait for this person. Only a hint: what is shown is read, with all its conditions, where there is any.
MAY_WAIT = {
    "approvals": f"agents_run WHERE owner_id = %(me)s AND state = '{RunState.WAITING}'",
    "decisions": "kernel_approvalasked a JOIN kernel_approvalstep s ON s.id = a.step_id WHERE s.closed_at IS NULL"
    " AND s.opened_at IS NOT NULL AND (a.person_id = %(me)s"
    " OR a.person_id IN (SELECT person_id FROM kernel_delegation WHERE deputy_id = %(me)s))",
    "suggestions": f"agents_suggestion WHERE owner_id = %(me)s AND state = '{SuggestionState.OPEN}'",
    "alerts": f"crm_alert WHERE owner_id = %(me)s AND state = '{AlertState.OPEN}'",
    "mentions": "crm_mention WHERE user_id = %(me)s AND read_at IS NULL",
}


def existing(*, actor: Actor, with_steps: bool) -> frozenset[str]:
    """The names of what there is, of what may wait and of what the first steps ask for."""
    assert actor.user is not None
    values: dict[str, Any] = {"me": actor.user.pk}
    seen: dict[str, str] = {}
    for name, model in OWNED.items():
        seen[name], more = visible_condition(actor, "t", model)
        values |= more
    asked = MAY_WAIT | {f"step:{name}": words.format(**seen) for name, words in STEPS.items() if with_steps}
    exists = ", ".join(f"EXISTS (SELECT 1 FROM {words})" for words in asked.values())  # noqa: S608 -- words of this module
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {exists}", values)
        found = cursor.fetchone() or ()
    return frozenset(name for name, is_there in zip(asked, found, strict=True) if is_there)
