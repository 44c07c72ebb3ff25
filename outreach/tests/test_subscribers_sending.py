import pytest

from benchmarks.outbox import due_touches
from crm.models import Activity, Contact
from gtmos.kernel.events.dispatch import dispatch_pending
from outreach.models import Enrollment
from outreach.tests.sending import a_post

pytestmark = pytest.mark.django_db(transaction=True)


def test_sent_mails_stand_in_the_timeline_once(tmp_path) -> None:
    campaign = due_touches(3)
    with a_post(tmp_path) as post:
        post.send()

    dispatch_pending()
    dispatch_pending()

    touches = campaign.touches.all()
    noted = Activity.objects.filter(source_type="outreach.touch")
    assert sorted(noted.values_list("contact_id", flat=True)) == sorted(touch.contact_id for touch in touches)
    assert Contact.objects.filter(last_contact_date__isnull=False).count() == 3


def test_a_bounce_at_the_door_ends_the_way_of_that_person(tmp_path) -> None:
    campaign = due_touches(2)
    bounced = campaign.touches.order_by("pk")[0]
    with a_post(tmp_path) as post:
        post.sink.refuse[bounced.recipient] = "550 5.1.1 user unknown"
        post.send()

    dispatch_pending()

    assert Contact.objects.get(pk=bounced.contact_id).email_status == "bounced"
    assert list(
        Enrollment.objects.filter(campaign=campaign).order_by("position").values_list("state", "outcome")
    ) == [("finished", "bounced"), ("active", "")]
