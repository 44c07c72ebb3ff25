"""Whatever order a provider tells its facts in, and in however many posts, the same is left."""

import os
import random
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from crm.models import Contact
from outreach.channels.email.addresses import address_hmac
from outreach.models import ChannelAddress, Touch
from outreach.services.provider_posts import apply_waiting
from outreach.tests.answering import a_written_to, state_of
from outreach.tests.provider_builders import connected, sendgrid_answer, sendgrid_event, sendgrid_sends

pytestmark = pytest.mark.django_db
ORDERS = int(os.environ.get("GTMOS_TEST_ORDERS", "12"))
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
TOLD = (
    ("processed", 0, {}),
    ("deferred", 10, {}),
    ("delivered", 20, {}),
    ("open", 30, {"sg_machine_open": True, "useragent": FIREFOX}),
    ("open", 60, {"useragent": FIREFOX}),
    ("open", 90, {"useragent": FIREFOX}),
    ("click", 100, {"useragent": FIREFOX, "url": "https://ours.example/a"}),
    ("click", 160, {"useragent": FIREFOX, "url": "https://ours.example/b"}),
    ("bounce", 200, {"type": "blocked", "reason": "451 4.7.1 Try again"}),
    ("unsubscribe", 300, {}),
    ("spamreport", 400, {}),
)
FACTS = ("delivered_at", "opened_at", "clicked_at", "bounced_at", "unsubscribed_at", "complained_at")


def left_by(order, dice) -> dict[str, object]:
    (touch,) = a_written_to()
    began = int(time.time()) - 3000
    hour_ago = timezone.now() - timedelta(hours=1)
    Touch.objects.filter(pk=touch.pk).update(handed_at=hour_ago, provider_ref=sendgrid_answer(touch))
    events = [sendgrid_event(touch, name, timestamp=began + after, **more) for name, after, more in order]
    while events:
        some = dice.randint(1, len(events))
        sendgrid_sends(*events[:some], *dice.sample(events[:some], dice.randint(0, some)))
        events = events[some:]
        apply_waiting()
    sent, enrollment = state_of(touch)
    address = ChannelAddress.objects.get(address_hmac=address_hmac(touch.recipient))
    moments = {name: round(getattr(sent, name).timestamp()) - began for name in FACTS}
    person = Contact.objects.get(pk=touch.contact_id)
    return {
        **moments,
        "machines": (sent.machine_opens, sent.machine_clicks),
        "outcome": (enrollment.state, enrollment.outcome),
        "refused": (address.reason, person.do_not_email),
    }


def test_facts_of_a_provider_leave_the_same_in_any_order():
    connected("sendgrid")
    dice = random.Random(11)
    in_order = left_by(TOLD, dice)

    different = {}
    for number in range(ORDERS):
        order = dice.sample(TOLD, len(TOLD))
        found = left_by(order, dice)
        if found != in_order:
            different[number] = (order, found)

    assert in_order == {
        "delivered_at": 20,
        "opened_at": 60,
        "clicked_at": 100,
        "bounced_at": 200,
        "unsubscribed_at": 300,
        "complained_at": 400,
        "machines": (1, 0),
        "outcome": ("finished", "complained"),
        "refused": ("complaint", True),
    }
    assert different == {}
