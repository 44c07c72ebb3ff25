"""Whatever order the facts about a mail arrive in, the same state is left."""

import random
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.models import Contact
from gtmos.kernel import clock
from outreach.enums import Outcome, ReplyCategory
from outreach.models import Enrollment, InboundMail, Touch
from outreach.selectors.suppression import is_suppressed
from outreach.services.enrollments import GRAVITY
from outreach.services.facts import WEIGHT, join
from outreach.services.inbound import process_waiting, store_mail
from outreach.tests.answering import a_bounce, a_complaint, a_reply, a_written_to, away

FACTS = (
    "opened_at",
    "clicked_at",
    "replied_at",
    "bounced_at",
    "complained_at",
    "unsubscribed_at",
    "meeting_at",
)
TEXTS = {
    "yes": "Very interested, tell me more.",
    "no": "No thanks, we are not interested.",
    "question": "How much does it cost?",
    "later": "Too busy at the moment, please get back to me later.",
    "stop": "Please unsubscribe me.",
}


moment = st.datetimes()
fact = st.tuples(st.sampled_from(FACTS), moment, st.sampled_from(["", *ReplyCategory.values]))


@given(st.lists(fact, max_size=6), st.randoms(use_true_random=False))
def test_facts_leave_the_same_mail_in_any_order(facts, random):
    shuffled = list(facts)
    random.shuffle(shuffled)

    first, second = _after(facts), _after(shuffled)

    assert first == second


def _after(facts):
    touch = Touch(pk=1)
    for name, at, category in facts:
        join(touch, category, {name: at})
    return [getattr(touch, name) for name in FACTS], touch.reply_category


ORDERS_TRIED = 100_000


def test_in_a_hundred_thousand_random_orders_no_fact_is_ever_lost_or_made_less():
    """Each fact that arrives is compared with what was known: a moment is never cleared or later, a category never lighter."""
    dice, touch = random.Random(23), Touch(pk=1)
    start = datetime(2026, 3, 2, tzinfo=UTC)
    moments = [start + timedelta(minutes=number) for number in range(40)]
    categories = ["", *ReplyCategory.values]

    for _ in range(ORDERS_TRIED):
        facts = [
            (dice.choice(FACTS), dice.choice(moments), dice.choice(categories))
            for _ in range(dice.randrange(1, 8))
        ]
        vars(touch).update(dict.fromkeys(FACTS), reply_category="")
        for name, at, category in facts:
            known, weight = dict(vars(touch)), WEIGHT[touch.reply_category]
            join(touch, category, {name: at})
            left = vars(touch)
            assert left[name] <= min(filter(None, [known[name], at]))
            assert all(left[each] == known[each] for each in FACTS if each != name)
            assert WEIGHT[left["reply_category"]] == max(weight, WEIGHT[category])
        earliest = {name: min(at for each, at, _ in facts if each == name) for name, _, _ in facts}
        assert {name: left[name] for name in FACTS if left[name]} == earliest


def test_every_category_and_every_outcome_has_a_weight_of_its_own():
    assert set(WEIGHT) == {"", *ReplyCategory.values}
    assert len(set(WEIGHT.values())) == len(WEIGHT)
    assert set(GRAVITY) == set(Outcome)
    assert len(set(GRAVITY.values())) == len(GRAVITY)


ORDERS = [
    ("yes", "no", "stop"),
    ("question", "later", "away"),
    ("away", "bounce", "no"),
    ("complaint", "yes", "bounce"),
    ("stop", "complaint", "later"),
]


@pytest.mark.django_db
@pytest.mark.parametrize("names", ORDERS)
def test_mails_leave_the_same_person_in_any_order(names):
    states = [_read_in_order(order) for order in permutations(names)]

    assert states == [states[0]] * len(states)


def _read_in_order(names):
    (touch,) = a_written_to()
    at = clock.now()
    for name in names:
        mail = store_mail(_mail(name, touch), sender="", recipients=[touch.mailbox.address])
        InboundMail.objects.filter(pk=mail.pk).update(received_at=at)
        process_waiting()
    sent, enrollment = Touch.objects.get(pk=touch.pk), Enrollment.objects.get(pk=touch.enrollment_id)
    contact = Contact.objects.get(pk=touch.contact_id)
    return (
        [(getattr(sent, name) == at) for name in FACTS],
        (sent.reply_category, enrollment.state, enrollment.outcome),
        (enrollment.finished_at == at, enrollment.paused_until and enrollment.paused_until - at),
        (contact.paused_until and contact.paused_until - at, contact.do_not_email, contact.email_status),
        is_suppressed(contact.email),
    )


def _mail(name, touch):
    if name in TEXTS:
        return a_reply(touch, TEXTS[name])
    return {
        "away": lambda: away(touch, "I am out of the office with limited access to my email."),
        "bounce": lambda: a_bounce(touch),
        "complaint": lambda: a_complaint(touch),
    }[name]()
