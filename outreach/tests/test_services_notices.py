"""Mails of sign-in over a real mail server: sent once, tried again, never to who is not here."""

import re
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.people.models import User
from gtmos.kernel.signin import link_services as links
from gtmos.kernel.signin.models import MailState, SignInLink
from gtmos.kernel.tests.builders import a_user
from outreach.channels.email.transport import Transport
from outreach.services import notices
from outreach.services.notices import send_waiting_notices
from outreach.tests.sending import Post, a_post

pytestmark = pytest.mark.django_db
SECRET = "another long password"


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    with a_post(tmp_path) as found:
        yield found


def mails(post: Post) -> list[Any]:
    return [message_from_bytes(raw, policy=default) for _, raw in post.sink.mails]


def link_in(mail: Any) -> str:
    found = re.search(r"https?://[^/]+(/\S+)", mail.get_content())
    assert found
    return found[1]


def test_an_invitation_arrives_once_with_a_link_that_opens(post: Post) -> None:
    links.invite("ada@gtmos.example", role="ae", actor=SYSTEM)

    sent = [send_waiting_notices(way=post.way) for _ in range(2)]

    (mail,) = mails(post)
    assert (sent, mail["To"], mail["Auto-Submitted"]) == ([1, 0], "ada@gtmos.example", "auto-generated")
    assert Client().get(link_in(mail)).status_code == 200
    assert SignInLink.objects.get().mail_state == MailState.SENT


def test_a_new_password_is_set_by_the_link_once_and_ends_every_session(post: Post, client: Client) -> None:
    ada = a_user(name="Ada", password="correct horse battery")
    client.force_login(ada)
    Client().post("/login/forgot/", {"email": "ADA@gtmos.example"})
    send_waiting_notices(way=post.way)
    url = link_in(mails(post)[0])

    weak = Client().post(url, {"password": "password"})
    first = Client().post(url, {"password": SECRET})
    second = Client().post(url, {"password": "and yet another one"})

    assert (weak.status_code, first.status_code, second.status_code) == (422, 200, 404)
    assert Client().login(username=ada.email, password=SECRET) is True
    assert client.get("/companies/").status_code == 302


def test_who_is_not_here_gets_no_mail_and_nobody_more_than_three(post: Post) -> None:
    a_user(name="Ada")
    gone = a_user(name="Gone")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    for email in ("nobody@gtmos.example", gone.email, *["ada@gtmos.example"] * 5):
        Client().post("/login/forgot/", {"email": email})

    send_waiting_notices(way=post.way)

    assert [mail["To"] for mail in mails(post)] == ["ada@gtmos.example"] * 3
    assert set(SignInLink.objects.values_list("email", flat=True)) == {"", "ada@gtmos.example"}


def test_a_server_that_is_away_is_tried_again_and_then_given_up(post: Post) -> None:
    links.invite("ada@gtmos.example", role="ae", actor=SYSTEM)
    away = Transport(host="127.0.0.1", port=1, is_sandbox=True)
    states = []
    for _ in range(5):
        SignInLink.objects.update(mail_next_at=timezone.now())
        send_waiting_notices(way=away)
        states.append(SignInLink.objects.get().mail_state)

    assert states == ["waiting"] * 4 + ["failed"]
    links.resend_invitation(SignInLink.objects.get(), actor=SYSTEM)
    assert (send_waiting_notices(way=post.way), len(mails(post))) == (1, 1)


def test_a_worker_that_died_after_the_last_dot_sends_no_second_mail(post: Post) -> None:
    links.invite("ada@gtmos.example", role="ae", actor=SYSTEM)
    send_waiting_notices(way=post.way)
    SignInLink.objects.update(mail_state="waiting", mail_next_at=timezone.now() - timedelta(minutes=1))

    again = send_waiting_notices(way=post.way)

    assert (again, len(mails(post)), SignInLink.objects.get().mail_answer) == (1, 1, "The server has it.")


def test_no_name_becomes_a_header(post: Post) -> None:
    boss = a_user(name="Eve\r\nBcc: all@evil.example")
    link = links.invite("ada@gtmos.example", role="ae", actor=SYSTEM)
    SignInLink.objects.filter(pk=link.pk).update(invited_by=boss)

    mail = message_from_bytes(notices.message_of(SignInLink.objects.get()), policy=default)

    assert mail["Bcc"] is None


def test_the_link_is_kept_nowhere(post: Post) -> None:
    links.invite("ada@gtmos.example", role="ae", actor=SYSTEM)
    send_waiting_notices(way=post.way)
    token = link_in(mails(post)[0]).split("/")[2]

    assert token not in str(list(SignInLink.objects.values()))
