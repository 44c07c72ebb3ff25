"""Files of the sandbox after an erasure: nothing of the person, everything of the others, and the sandbox goes on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm.services.privacy import erase_person
from crm.tests.builders import a_contact
from gtmos.env import env
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.events.dispatch import dispatch_pending
from gtmos.sandbox.audience import _done
from gtmos.sandbox.mailbox import Mailbox, newest
from gtmos.workspace.selectors.sandbox import sandbox_mails, sandbox_places
from gtmos.workspace.services.sandbox_erasure import forget_erased

pytestmark = pytest.mark.django_db
EMAIL, OTHER = "zoë.quarx@qx.example", "other@qx.example"


@pytest.fixture(autouse=True)
def home(tmp_path: Path) -> Iterator[Path]:
    """A sandbox of this test's own: the environment is read once and frozen, so it is thawed here."""
    before = env.home
    object.__setattr__(env, "home", tmp_path)
    yield tmp_path
    object.__setattr__(env, "home", before)


def a_mail(mailbox: Mailbox, number: int, recipient: str) -> None:
    raw = f"To: {recipient}\r\nSubject: Zoë, mail {number}\r\nMessage-ID: <m{number}@ours.example>\r\n\r\nDear {recipient}\r\n"
    mailbox.keep(raw.encode(), "kary@ours.example", [recipient])


def an_action(number: int, person: str) -> str:
    return (
        f'{{"at": "2026-03-02T09:00:00Z", "message_id": "m{number}@ours.example", "person": "{person}", '
        f'"subject": "Zoë, mail {number}", "do": "open", "kind": "", "detail": "200 to {person}", "ok": true}}\n'
    )


def stored(home: Path) -> str:
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file()).decode()


def test_no_file_of_the_sandbox_knows_an_erased_person_and_it_goes_on_meanwhile(home: Path) -> None:
    mailbox = Mailbox(sandbox_places())
    for number in range(40):
        a_mail(mailbox, number, [EMAIL, OTHER, EMAIL.upper()][number % 3])
    log = sandbox_places().actions("run")
    log.write_text("".join(an_action(number, [EMAIL, OTHER][number % 2]) for number in range(6)))
    person = a_contact(name="Zoë Quarx", email=EMAIL)

    erase_person(person, reason="Asked by letter", actor=SYSTEM)
    waiting = stored(home)
    dispatch_pending()
    a_mail(mailbox, 99, OTHER)

    left = stored(home)
    mailbox.close()
    assert (EMAIL in waiting, EMAIL.upper() in waiting) == (True, True)
    assert [word for word in (EMAIL, EMAIL.upper()) if word in left] == []
    assert len(list(newest(sandbox_places().index))) == 41
    assert {entry.recipient for entry in sandbox_mails(actor=SYSTEM).rows} == {OTHER}
    assert len(sandbox_mails(actor=SYSTEM).rows) == 14
    assert _done(sandbox_places(), "run") == {(f"m{number}@ours.example", "open") for number in range(6)}
    assert Mailbox(sandbox_places()).has("m0@ours.example")
    assert forget_erased() == 0


def test_where_nobody_was_erased_every_file_stays_as_it_is(home: Path) -> None:
    mailbox = Mailbox(sandbox_places())
    a_mail(mailbox, 1, OTHER)
    mailbox.close()
    before = stored(home)

    assert forget_erased() == 0
    assert stored(home) == before
