"""Statements and processor time of the pages that could grow with the data, and of understanding a sentence.

python -m benchmarks.pages [--quick]
"""

import io
import json
import random
import sys
import time
from typing import Any

from benchmarks.stage import fresh_stores, misses, part_of

COMPANIES, DEALS, TOUCHES = 100_000, 500, 10_000
LIST_STATEMENTS, LIST_CPU_MS = 12, 30
CAMPAIGN_STATEMENTS, CAMPAIGN_CPU_MS = 15, 60
HOME_STATEMENTS, HOME_CPU_MS = 20, 60
PLANNER_MS = 50
VISITS = 40
SENTENCES = (
    "Find me CMOs at Series B fintech companies in NYC who are actively hiring for growth teams",
    "how many companies in Texas have over 200 people",
    "log a call with Firm 17, left a voicemail",
    "move Firm 23 to negotiation and set the amount to 40k",
    "what can you do",
    "remind me to call Erin Rossi tomorrow at 9",
    "undo that",
    "Show me how variant B is performing",
)


def measure(companies: int, touches: int) -> dict[str, Any]:
    from gtmos.kernel.actors import Actor
    from gtmos.kernel.people.models import Role
    from gtmos.kernel.tests.builders import a_user

    user = a_user(password=None, role=Role.ADMIN)
    me = Actor.of(user)
    fill(companies, me)
    campaign = answered_campaign(touches)
    addresses = {
        "companies": "/companies/",
        "companies_searched": "/companies/?q=Firm+17",
        "contacts": "/contacts/",
        "pipeline": "/pipeline/",
        "tasks": "/tasks/",
        "campaign": f"/campaigns/{campaign.pk}/",
    }
    pages = {name: visited(user, url) for name, url in addresses.items()}
    return {"pages": pages | homes(), "planner": planner(me)}


def homes() -> dict[str, Any]:
    """The home of each role, as somebody in that role sees it."""
    from gtmos.kernel.people.models import Role
    from gtmos.kernel.tests.builders import a_user
    from gtmos.workspace.selectors.homes import HOMES, OF_ROLE

    roles = {home: Role(role) for role, home in reversed(OF_ROLE.items())} | {"rep": Role.AE}
    return {f"home_{home}": visited(a_user(password=None, role=roles[home]), "/") for home in HOMES}


def fill(companies: int, me: Any) -> None:
    """Companies, as many people and some deals, as a customer brings them."""
    from crm.models import Company
    from crm.services.deals import create_deal
    from crm.services.importing import run_import, start_import, upload_import
    from crm.services.pipelines import ensure_default_pipeline
    from gtmos.kernel.actors import SYSTEM

    stages = list(ensure_default_pipeline(actor=SYSTEM).stages.all())
    lines = "".join(
        f"Firm {n},f{n}.example,Software,Berlin,{n % 900},Erin,Rossi {n},e{n}@f{n}.example\n"
        for n in range(companies)
    )
    head = "Company,Website,Industry,City,Employees,First name,Last name,Email\n"
    batch = upload_import(file_name="all.csv", content=io.BytesIO((head + lines).encode()), actor=me)
    start_import(batch, actor=me)
    run_import(batch.pk)
    for number, company in enumerate(Company.objects.order_by("pk")[:DEALS]):
        create_deal(name=f"Deal {number}", company=company, stage=stages[number % 3], actor=me)


def answered_campaign(touches: int) -> Any:
    """A campaign of which every mail is sent, half of them opened and one in eleven answered."""
    from benchmarks.outbox import due_touches
    from gtmos.kernel import clock
    from outreach.models import Touch

    campaign = due_touches(touches)
    draw, now = random.Random(3), clock.now()
    sent = list(campaign.touches.all())
    for touch in sent:
        touch.state, touch.sent_at = "sent", now
        touch.opened_at = now if draw.random() < 0.5 else None
        if draw.random() < 0.09:
            touch.replied_at, touch.reply_category = now, "interested"
    Touch.objects.bulk_update(sent, ["state", "sent_at", "opened_at", "replied_at", "reply_category"], 2000)
    return campaign


def visited(user: Any, address: str) -> dict[str, Any]:
    """Statements of one visit; the middle of the processor time of many, after the first."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    browser = Client(SERVER_NAME="127.0.0.1")
    browser.force_login(user)
    answer = browser.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    with CaptureQueriesContext(connection) as captured:
        browser.get(address)
    statements = len(captured)  # the next request empties the list
    took = []
    for _ in range(VISITS):
        began = time.process_time()
        browser.get(address)
        took.append((time.process_time() - began) * 1000)
    return {"statements": statements, "cpu_ms": round(part_of(took, 0.5), 1), "n": VISITS}


def planner(me: Any) -> dict[str, Any]:
    """From the text to the plan as the command bar makes it: names looked up in the database, rights asked."""
    from agents.services.understanding import Said, understand

    took, own = [], []
    for _ in range(30):
        for sentence in SENTENCES:
            began, cpu = time.perf_counter(), time.process_time()
            understand(Said(sentence), thread_context={}, actor=me)
            took.append((time.perf_counter() - began) * 1000)
            own.append((time.process_time() - cpu) * 1000)
    return {
        "n": len(took),
        "p50_ms": round(part_of(took, 0.5), 1),
        "p95_ms": round(part_of(took, 0.95), 1),
        "cpu_p95_ms": round(part_of(own, 0.95), 1),
    }


def limits(figures: dict[str, Any]) -> list[str]:
    planning = figures["planner"]["p95_ms"]
    checks = [(planning <= PLANNER_MS, f"planner: p95 {planning} of {PLANNER_MS} ms")]
    for name, page in figures["pages"].items():
        most, most_ms = limit_of(name)
        page |= {"most_statements": most, "most_cpu_ms": most_ms}
        checks.append((page["statements"] <= most, f"{name}: {page['statements']} of {most} statements"))
        checks.append((page["cpu_ms"] <= most_ms, f"{name}: {page['cpu_ms']} of {most_ms} ms CPU"))
    return misses(*checks)


def limit_of(page: str) -> tuple[int, int]:
    if page.startswith("home_"):
        return HOME_STATEMENTS, HOME_CPU_MS
    return (CAMPAIGN_STATEMENTS, CAMPAIGN_CPU_MS) if page == "campaign" else (LIST_STATEMENTS, LIST_CPU_MS)


def main(arguments: list[str]) -> dict[str, Any]:
    share = 10 if "--quick" in arguments else 1
    with fresh_stores():
        figures = measure(COMPANIES // share, TOUCHES // share)
    short_of = limits(figures)
    return {**figures, "companies": COMPANIES // share, "short_of": short_of, "ok": not short_of}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))
