import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.outbox import a_running_campaign, due_touches
from crm.models import Contact
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import NotPermittedError
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import an_actor
from outreach.channels.email.addresses import canonical
from outreach.models import ChannelAddress, Enrollment, Touch
from outreach.selectors.suppression import is_suppressed, suppressed_among
from outreach.services.suppression import address_for, addresses_for, suppress
from outreach.services.touches import plan_touches
from outreach.tests.sending import a_post

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("Ann.Lee@Corp.Example", "ann.lee@corp.example"),
        ("ann+news@corp.example", "ann@corp.example"),
        ("ann@corp.example", "ann+anything@corp.example"),
        ("a.n.n@gmail.com", "ann+x@googlemail.com"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("Ann Lee <ann@corp.example>", "mailto:ann@corp.example"),
        (" ann@corp.example. ", "ann@corp.example"),
        ("ａｎｎ@corp.example", "ann@corp.example"),
    ],
)
def test_spellings_of_one_mailbox_are_one(written, same) -> None:
    assert canonical(written) == canonical(same)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.nn@corp.example", "ann@corp.example"),
        ("ann@corp.example", "ann@corp2.example"),
        ("+news@corp.example", "ann@corp.example"),
    ],
)
def test_different_people_stay_different(one, other) -> None:
    assert canonical(one) != canonical(other)


@given(st.emails(), st.text(LETTERS, max_size=8))
def test_neither_case_nor_a_tag_makes_another_person(email, tag) -> None:
    local, _, host = email.rpartition("@")

    assert canonical(email.upper()) == canonical(email)
    assert "+" in local or canonical(f"{local}+{tag}@{host}") == canonical(email)


@given(st.text(max_size=60))
def test_no_text_breaks_the_spelling(text) -> None:
    assert canonical(f" {text}@Corp.Example") == canonical(f"{text}@corp.example ")


@pytest.mark.django_db
def test_a_suppressed_address_is_suppressed_in_every_spelling() -> None:
    suppress("Ann@Corp.Example", reason="unsubscribed", actor=SYSTEM)

    asked = ["ann@corp.example", "ANN+x@corp.example", "bob@corp.example"]
    assert suppressed_among(asked) == {"ann@corp.example", "ANN+x@corp.example"}
    assert is_suppressed("ann+y@corp.example")


@pytest.mark.django_db
def test_the_address_itself_is_not_stored() -> None:
    address = suppress("ann@corp.example", reason="unsubscribed", actor=SYSTEM)

    assert len(address.address_hmac) == 64
    assert "ann" not in f"{address.address_hmac}{address.detail}"


@pytest.mark.django_db
def test_a_second_refusal_only_ever_adds() -> None:
    first = suppress("ann@corp.example", reason="complaint", actor=SYSTEM)
    soon = clock.now() + timedelta(days=1)

    second = suppress("ann@corp.example", reason="by_hand", expires_at=soon, actor=SYSTEM)

    assert (second.pk, second.suppressed_at) == (first.pk, first.suppressed_at)
    assert (second.reason, second.expires_at) == ("complaint", None)
    assert EventRecord.objects.filter(name="outreach.address_suppressed").count() == 1


@pytest.mark.django_db
def test_a_refusal_with_an_end_ends() -> None:
    suppress("ann@corp.example", reason="by_hand", expires_at=clock.now() + timedelta(days=1), actor=SYSTEM)
    ChannelAddress.objects.update(expires_at=clock.now() - timedelta(seconds=1))

    assert not is_suppressed("ann@corp.example")


@pytest.mark.django_db
def test_a_viewer_may_not_suppress() -> None:
    with pytest.raises(NotPermittedError):
        suppress("ann@corp.example", reason="by_hand", actor=an_actor(Role.VIEWER))


@pytest.mark.django_db
def test_many_addresses_cost_two_statements(django_assert_num_queries) -> None:
    with django_assert_num_queries(2):
        found = addresses_for([f"p{number}@corp.example" for number in range(300)])

    assert len(found) == 300


@pytest.mark.django_db(transaction=True)
def test_a_thousand_attempts_to_write_to_somebody_who_refused_bring_no_mail(tmp_path) -> None:
    """Other spellings, imports, new campaigns and re-created people: the refusal holds at planning and at the gate."""
    dice = random.Random(7)
    suppress("ann.lee@gmail.com", reason="unsubscribed", actor=SYSTEM)
    Contact.objects.all().delete()
    planned = a_running_campaign(500, email="", email_key="")
    people = list(Contact.objects.order_by("pk"))
    for person in people:
        person.email = spelling(dice)
    Contact.objects.bulk_update(people, ["email"])
    waiting = due_touches(500, email="", email_key="")
    forced = list(Touch.objects.filter(campaign=waiting).select_related("contact"))
    address = address_for("ann.lee@gmail.com")
    for touch in forced:
        touch.recipient = touch.contact.email = spelling(dice)
        touch.address = address_for(touch.recipient)
    Contact.objects.bulk_update([touch.contact for touch in forced], ["email"])
    Touch.objects.bulk_update(forced, ["recipient", "address"])

    while plan_touches(limit=500):
        continue
    with a_post(tmp_path) as post:
        post.send()
        post.send()

        assert post.copies == 0
    assert Enrollment.objects.filter(campaign__in=(planned, waiting)).count() == 1000
    assert set(Touch.objects.values_list("state", "address_id")) == {("cancelled", address.pk)}


def spelling(dice: random.Random) -> str:
    """One of the many ways to write ann.lee@gmail.com."""
    name = list("annlee")
    for _ in range(dice.randrange(3)):
        name.insert(dice.randrange(1, len(name)), ".")
    local = "".join(dice.choice((letter, letter.upper())) for letter in name).replace("..", ".")
    tag = "".join(dice.choice(LETTERS) for _ in range(5)) if dice.random() < 0.5 else ""
    host = dice.choice(("gmail.com", "GMail.com", "googlemail.com", "GMAIL.COM"))
    return f"{local}+{tag}@{host}" if tag else f"{local}@{host}"
