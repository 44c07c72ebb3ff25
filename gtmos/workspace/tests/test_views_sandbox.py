import json
from datetime import timedelta

import pytest

from gtmos.env import env
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import a_user
from gtmos.sandbox.mailbox import Mailbox
from gtmos.sandbox.presets import read_control
from gtmos.workspace.selectors.sandbox import PAGE, safe_html, sandbox_places
from outreach.models import InboundMail
from outreach.services.campaigns import approve_campaign
from outreach.services.inbound import process_waiting, store_mail
from outreach.tests.answering import a_written_to, state_of
from outreach.tests.campaign_builders import a_campaign, a_reader
from tests.sandboxing import a_listener

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(client):
    user = a_user(role=Role.ADMIN)
    client.force_login(user)
    return user


@pytest.fixture(autouse=True)
def setting(tmp_path):
    """A sandbox of this test's own: the environment is read once and frozen, so it is thawed here."""
    before = {"home": env.home, "inbound_smtp_port": env.inbound_smtp_port}
    object.__setattr__(env, "home", tmp_path)
    yield lambda name, value: object.__setattr__(env, name, value)
    for name, value in before.items():
        object.__setattr__(env, name, value)


def a_mail(touch=None, *, subject="Hello", html="<p>Hi</p>", recipient="nat@reader.example"):
    name = touch.message_id if touch else f"<{subject.replace(' ', '')}@ours.example>"
    raw = (
        f"From: Kary <{touch.mailbox.address if touch else 'kary@ours.example'}>\r\nTo: {recipient}\r\n"
        f"Subject: {subject}\r\nDate: Mon, 02 Mar 2026 09:00:00 +0000\r\nMessage-ID: {name}\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/alternative; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\nHi in plain\r\n--b\r\nContent-Type: text/html\r\n\r\n{html}\r\n--b--\r\n"
    ).encode()
    mailbox = Mailbox(sandbox_places())
    (entry,) = mailbox.keep(raw, "kary@ours.example", [recipient])
    mailbox.close()
    return entry


def test_the_newest_mail_stands_first_and_pages_go_on(client, person):
    for number in range(PAGE + 2):
        a_mail(subject=f"Mail {number:03d}")

    first = client.get("/sandbox/")
    second = client.get("/sandbox/", {"after": first.context["next_cursor"]})

    assert first.context["rows"][0].subject == f"Mail {PAGE + 1:03d}"
    assert [row.subject for row in second.context["rows"]] == ["Mail 001", "Mail 000"]


def test_mails_are_found_by_person_and_subject(client, person):
    a_mail(subject="Growth", recipient="ann@x.example")
    a_mail(subject="Other", recipient="bob@x.example")

    found = [client.get("/sandbox/", {"q": words}).context["rows"] for words in ("growth", "BOB", "nobody")]

    assert [[row.subject for row in rows] for rows in found] == [["Growth"], ["Other"], []]


def test_people_see_only_the_mails_of_their_own_campaigns(client):
    owner, stranger = a_user(role=Role.AE), a_user(role=Role.AE)
    (touch,) = a_written_to(contacts=[a_reader()])
    touch.campaign.owner = owner
    touch.campaign.save()
    entry = a_mail(touch, subject="Mine", recipient=touch.recipient)
    seen = {}

    for user in (owner, stranger):
        client.force_login(user)
        rows = client.get("/sandbox/").context["rows"]
        seen[user] = (len(rows), client.get(f"/sandbox/{entry.id}/").status_code)

    assert seen == {owner: (1, 200), stranger: (0, 404)}


def test_a_mail_is_shown_with_what_stands_behind_it(client, person):
    entry = a_mail()

    shown = {
        tab: client.get(f"/sandbox/{entry.id}/", {"tab": tab}).content.decode()
        for tab in ("mail", "plain", "raw")
    }

    assert f'src="/sandbox/{entry.id}/frame/"' in shown["mail"]
    assert "Hi in plain" in shown["plain"]
    assert "Content-Type: multipart/alternative" in shown["raw"]


@pytest.mark.parametrize("mail_id", ["20260101-0", "..-etc", "20260101-0000000000000ffffffff"])
def test_a_mail_that_is_not_there_is_not_found(client, person, mail_id):
    assert client.get(f"/sandbox/{mail_id}/").status_code == 404


def test_the_frame_of_a_mail_may_do_nothing(client, person):
    entry = a_mail(
        html='<script>alert(1)</script><p onclick="x()" style="color:red;position:fixed">Hi</p><img src="https://t.example/p.gif">'
    )

    frame = client.get(f"/sandbox/{entry.id}/frame/")

    policy = frame["Content-Security-Policy"]
    body = frame.content.decode().partition("<body>")[2]
    assert body == '<p style="color:red">Hi</p></body></html>'
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    assert sorted(policy.split("; ")) == [
        "base-uri 'none'",
        "default-src 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
        "style-src 'unsafe-inline'",
    ]


def test_pictures_are_loaded_only_when_asked_for():
    html = '<img src="https://t.example/p.gif"><a href="javascript:alert(1)">x</a>'

    assert "t.example" not in safe_html(html, with_pictures=False)
    assert 'src="https://t.example/p.gif"' in safe_html(html, with_pictures=True)
    assert "javascript" not in safe_html(html, with_pictures=True)


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ({"text": "Very interested, tell me more."}, "interested"),
        ({"preset": "positive"}, "interested"),
        ({"preset": "unsubscribe"}, "unsubscribed"),
        ({"preset": "away"}, ""),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_an_answer_as_the_reader_comes_in_by_mail(client, person, setting, given, outcome):
    (touch,) = a_written_to()
    entry = a_mail(touch, recipient=touch.recipient)
    taken = []
    with a_listener(lambda raw, sender, recipients: taken.append((raw, sender, recipients))) as port:
        setting("inbound_smtp_port", port)
        answer = client.post(f"/sandbox/{entry.id}/answer/", given)
    ((raw, sender, recipients),) = taken
    store_mail(raw, sender=sender, recipients=recipients)
    process_waiting()

    assert (answer.status_code, state_of(touch)[1].outcome) == (204, outcome)
    assert InboundMail.objects.get().touch_id == touch.pk


def test_an_answer_without_words_is_refused(client, person):
    entry = a_mail()

    answer = client.post(f"/sandbox/{entry.id}/answer/", {"text": " "})

    assert (answer.status_code, "Write what this person answers" in answer["HX-Trigger"]) == (422, True)


def test_an_audience_knows_the_variants_of_the_campaign(client, person):
    campaign = a_campaign(ab_element="subject", ab_variants=["One way to say it", "Another way to say it"])

    client.post("/sandbox/people/", {"preset": "b_better", "campaign": campaign.pk, "seed": "7"})

    control = read_control(sandbox_places().control.read_text())
    assert (control.preset, control.seed, len(control.subjects)) == ("b_better", 7, 2)
    assert control.best == "Another way to say it"


def test_an_audience_goes_home(client, person):
    client.post("/sandbox/people/", {"preset": "small"})

    answer = client.post("/sandbox/people/", {"do": "stop"})

    assert (answer.status_code, sandbox_places().control.exists()) == (200, False)


@pytest.mark.parametrize("given", [{"preset": "unknown"}, {"preset": "small", "campaign": "x"}, {}])
def test_an_audience_that_makes_no_sense_is_refused(client, person, given):
    answer = client.post("/sandbox/people/", given)

    assert answer.status_code in {404, 422}
    assert not sandbox_places().control.exists()


def test_the_clock_moves_forward(client, person):
    before = clock.now()

    answer = client.post("/sandbox/clock/", {"step": "3d"})

    assert answer.status_code == 204
    assert timedelta(days=3) <= clock.now() - before < timedelta(days=3, minutes=1)
    assert "3 days" in json.loads(answer["HX-Trigger"])["toast"]["text"]


def test_the_clock_moves_to_the_next_mail(client, person):
    campaign = a_campaign()
    approve_campaign(campaign, actor=Actor.of(person))

    answer = client.post("/sandbox/clock/", {"step": "next"})

    due_at = campaign.touches.earliest("next_at").next_at
    assert answer.status_code == 204
    assert due_at <= clock.now() < due_at + timedelta(minutes=1)


def test_without_a_mail_to_come_the_clock_stays(client, person):
    before = clock.now()

    answer = client.post("/sandbox/clock/", {"step": "next"})

    assert (answer.status_code, "No mail is planned" in answer["HX-Trigger"]) == (409, True)
    assert clock.now() - before < timedelta(minutes=1)


def test_the_clock_can_run_faster(client, person):
    client.post("/sandbox/clock/", {"rate": "600"})

    assert "×600" in client.get("/clock/").content.decode()


def test_a_viewer_may_look_but_not_play(client):
    client.force_login(a_user(role=Role.VIEWER))

    answers = [
        client.post("/sandbox/clock/", {"step": "1d"}),
        client.post("/sandbox/people/", {"preset": "small"}),
    ]

    assert [client.get("/sandbox/").status_code, *(answer.status_code for answer in answers)] == [
        200,
        403,
        403,
    ]


def test_where_mail_really_leaves_there_is_no_sandbox(client, person, settings):
    settings.SANDBOX = False

    paths = ["/sandbox/", "/clock/", "/sandbox/20260101-0000000000000ffffffff/"]

    assert [client.get(path).status_code for path in paths] == [404] * 3


def test_nobody_looks_without_signing_in(client):
    assert client.get("/sandbox/").status_code == 302
