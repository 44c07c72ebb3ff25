"""The last four months of the demo organisation: deals that were won, lost and forgotten, customers, calls, tasks.

Told through the same verbs as everything else, each on its day (`clock.as_if_on`), always the same from one seed.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal

from django.db import transaction

from crm.models import Company, Contact, Deal
from crm.services.activities import log_activity
from crm.services.companies import update_company
from crm.services.contacts import update_contact
from crm.services.deal_stages import lose_deal, win_deal
from crm.services.deals import create_deal, update_deal
from crm.services.meetings import log_meeting, plan_meeting
from crm.services.tasks import create_task
from crm.services.usage import store_events
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import Role, User

WEEKS = 16
OPEN_STAGES = ("lead", "qualification", "discovery", "proposal", "negotiation")
LOSSES = ("price", "no_budget", "competitor", "no_decision", "timing", "no_answer")
CALLS = (
    (
        "Talked about their hiring plan",
        "They add growth people this quarter and want them productive in weeks.",
    ),
    ("Walked through a sample list", "They liked that each grade says which facts it rests on."),
    ("Asked who signs", "The chief financial officer signs above 50,000 a year."),
    ("Answered questions about data sources", "Wants to see where each fact comes from, with its date."),
)
STEPS = (
    "Send the sample list",
    "Fix a call with the person who signs",
    "Send the proposal",
    "Answer the security questions",
)
SEGMENTS = ("Digital Native", "Top 100")
YEAR = timedelta(days=365)


@dataclass
class Story:
    """Who acts, and what there is so far."""

    chance: random.Random
    today: datetime
    people: dict[str, User]
    open: list[Deal] = field(default_factory=list)
    won: list[Deal] = field(default_factory=list)

    def actor(self, role: str) -> Actor:
        return Actor.of(self.people[role], source="system")

    def day(self, days_ago: float) -> datetime:
        """That many days ago, at an hour of work."""
        return self.today - timedelta(days=days_ago) + timedelta(minutes=self.chance.randint(0, 420))


def tell(people: Sequence[User], *, seed: int) -> None:
    """Four months, week by week. The people are those of the demo, one for each role."""
    midnight = datetime.combine(clock.today(), time(9), clock.now().tzinfo)
    story = Story(random.Random(seed), midnight, {user.role: user for user in people})
    companies = _companies(story)
    for week in range(WEEKS, 0, -1):
        _begin_deals(story, [companies.pop() for _ in range(2) if companies], week)
        _work_on_deals(story, week)
    _customers_use(story)
    _week_ahead(story)


def _companies(story: Story) -> list[Company]:
    """Those with people, in an order of chance."""
    found = list(Company.objects.filter(contacts__isnull=False).distinct().order_by("name"))
    story.chance.shuffle(found)
    return found


@transaction.atomic
def _begin_deals(story: Story, companies: Sequence[Company], week: int) -> None:
    for company in companies:
        moment = story.day(week * 7)
        rep = story.people[story.chance.choice((Role.AE, Role.AE, Role.ADMIN))]
        with clock.as_if_on(moment):
            contact = _meet(story, company, rep)
            close_on = (moment + timedelta(days=story.chance.randint(45, 120))).date()
            deal = create_deal(
                name=f"{company.name}, {story.chance.choice((5, 10, 20))} seats",
                company=company,
                contact=contact,
                amount=Decimal(story.chance.randrange(8_000, 96_000, 500)),
                close_on=close_on,
                owner=rep,
                acquisition_channel_source=story.chance.choice(("outreach", "inbound", "referral")),
                actor=Actor.of(rep, source="system"),
            )
        story.open.append(deal)


def _meet(story: Story, company: Company, rep: User) -> Contact:
    """The company gets an owner and a segment, its first people a role in the purchase."""
    actor = story.actor(Role.ADMIN)
    segment = story.chance.choice(SEGMENTS)
    update_company(company, changes={"owner": rep, "customer_segment_label": segment}, actor=actor)
    people = list(Contact.objects.filter(company=company).order_by("created_at")[:2])
    for person, role in zip(people, ("decision_maker", "champion"), strict=False):
        update_contact(person, changes={"influence_role": role}, actor=actor)
    return people[0]


@transaction.atomic
def _work_on_deals(story: Story, week: int) -> None:
    """Most deals move in a week; some are forgotten, and stay so."""
    for deal in list(story.open):
        forgotten = deal.deal_id % 5 == 0 and week < WEEKS // 2
        if forgotten or story.chance.random() < 0.35:
            continue
        with clock.as_if_on(story.day(week * 7 - 3)):
            _talk(story, deal)
            _move(story, deal)


def _talk(story: Story, deal: Deal) -> None:
    actor = Actor.of(deal.owner or story.people[Role.ADMIN], source="system")
    subject, body = story.chance.choice(CALLS)
    if story.chance.random() < 0.3:
        people = [deal.contact] if deal.contact else []
        begins = clock.now() - timedelta(hours=1)
        log_meeting(
            title=subject,
            starts_at=begins,
            ends_at=begins + timedelta(minutes=45),
            contacts=people,
            deal=deal,
            outcome=body,
            actor=actor,
        )
    else:
        log_activity(
            type="call",
            subject=subject,
            body=body,
            contact=deal.contact,
            deal=deal,
            duration_minutes=20,
            outcome="connected",
            actor=actor,
        )


def _move(story: Story, deal: Deal) -> None:
    """On by a stage; from the last one it is won or lost. Now and then one is lost earlier."""
    actor = Actor.of(deal.owner or story.people[Role.ADMIN], source="system")
    place = OPEN_STAGES.index(deal.stage.key)
    if story.chance.random() < 0.07:
        lose_deal(deal, reason=story.chance.choice(LOSSES), actor=actor)
        story.open.remove(deal)
    elif place + 1 < len(OPEN_STAGES):
        step = story.chance.choice(STEPS)
        due = (clock.now() + timedelta(days=story.chance.randint(4, 12))).date()
        changes = {"stage": OPEN_STAGES[place + 1], "next_step": step, "next_step_due_on": due}
        story.open[story.open.index(deal)] = update_deal(deal, changes=changes, actor=actor)
    elif story.chance.random() < 0.6:
        _win(story, deal, actor)
    else:
        lose_deal(deal, reason=story.chance.choice(LOSSES), actor=actor)
        story.open.remove(deal)


def _win(story: Story, deal: Deal, actor: Actor) -> None:
    """The contract runs for a year; success looks after the customer from here on."""
    signed = clock.today()
    won = win_deal(deal, actor=actor, signed_on=signed)
    ends = signed + YEAR - timedelta(days=story.chance.choice((0, 240, 300)))
    won = update_deal(won, changes={"deal_end_date": ends}, actor=actor)
    if won.company:
        update_company(won.company, changes={"owner": story.people[Role.CSM]}, actor=story.actor(Role.ADMIN))
    story.open.remove(deal)
    story.won.append(won)


@transaction.atomic
def _customers_use(story: Story) -> None:
    """Every customer signs in on most days; the second one less and less, and says so."""
    posted = []
    customers = [deal.company for deal in story.won if deal.company and deal.company.domain]
    for number, company in enumerate(customers):
        for days_ago in range(40, 0, -1):
            if number != 1 or story.chance.random() < days_ago / 40:
                posted.append(_used(story, company, days_ago))
    for start in range(0, len(posted), 500):
        store_events(posted[start : start + 500], actor=story.actor(Role.ADMIN))


def _used(story: Story, company: Company, days_ago: int) -> dict[str, object]:
    return {
        "source": "demo product",
        "id": f"{company.domain}-{days_ago}",
        "name": story.chance.choice(("list_opened", "grade_explained", "report_shared")),
        "occurred_at": story.day(days_ago).isoformat(),
        "company_domain": company.domain,
    }


@transaction.atomic
def _week_ahead(story: Story) -> None:
    """Tasks and meetings of the days around today, for each who has deals or customers."""
    for number, deal in enumerate(story.open[:10]):
        owner = deal.owner or story.people[Role.ADMIN]
        actor, due = Actor.of(owner, source="system"), story.day(2 - number)
        create_task(title=story.chance.choice(STEPS), deal=deal, owner=owner, due_at=due, actor=actor)
        if number % 3 == 0:
            begins = story.day(-1 - number // 3)
            people = [deal.contact] if deal.contact else []
            plan_meeting(
                title=f"Next steps with {deal.company}",
                starts_at=begins,
                ends_at=begins + timedelta(minutes=30),
                contacts=people,
                deal=deal,
                users=[owner],
                actor=actor,
            )
    success = story.people[Role.CSM]
    for number, deal in enumerate(story.won[:4]):
        create_task(
            title="Ask how the first month went",
            company=deal.company,
            owner=success,
            due_at=story.day(1 - number),
            actor=Actor.of(success, source="system"),
        )
