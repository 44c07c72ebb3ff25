"""The domains we send from: made with their mailboxes, looked at every day and when somebody asks."""

from datetime import timedelta

import pytest

from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import InvalidInputError, NotPermittedError
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import an_actor
from outreach.models import Mailbox, SendingDomain
from outreach.selectors.domains import due_domains
from outreach.services.domain_checks import check_due_domains
from outreach.services.domains import ask_for_check, ensure_domain, update_domain
from outreach.services.mailboxes import save_mailbox
from outreach.tests.name_server import Zone, a_name_server

pytestmark = pytest.mark.django_db
RECORDS: Zone = {
    ("ours.example", "TXT"): ["v=spf1 ip4:192.0.2.7 -all"],
    ("_dmarc.ours.example", "TXT"): ["v=DMARC1; p=reject"],
    ("ours.example", "MX"): ["10 mx.ours.example."],
}


@pytest.fixture(autouse=True)
def sandbox(settings) -> None:
    """Whatever the machine has set: only a test that names a name server asks one."""
    settings.SANDBOX, settings.NAME_SERVER = True, ""


@pytest.fixture
def actor() -> Actor:
    return an_actor(Role.REVOPS)


def a_sender(address: str, actor: Actor) -> Mailbox:
    return save_mailbox(Mailbox(), changes={"address": address, "display_name": "Kim"}, actor=actor)


def states(domain: SendingDomain) -> dict[str, str]:
    domain.refresh_from_db()
    return {each["key"]: each["state"] for each in domain.checks}


def test_mailboxes_of_one_domain_share_it_in_any_spelling(actor):
    first, second = a_sender("kim@Bücher.example", actor), a_sender("ann@xn--bcher-kva.example", actor)

    assert SendingDomain.objects.get().name == "xn--bcher-kva.example"
    assert first.domain_id == second.domain_id


def test_a_mailbox_that_moves_takes_the_other_domain(actor):
    mailbox = a_sender("kim@ours.example", actor)

    moved = save_mailbox(mailbox, changes={"address": "kim@other.example"}, actor=actor)

    assert moved.domain is not None
    assert moved.domain.name == "other.example"
    assert sorted(SendingDomain.objects.values_list("name", flat=True)) == ["other.example", "ours.example"]


def test_in_the_sandbox_nothing_is_asked_and_the_answers_say_so(actor):
    domain = ensure_domain("kim@ours.example", actor=actor)
    update_domain(domain, changes={"spf_source": "_spf.sandbox.example"}, actor=actor)

    assert check_due_domains() == 1
    assert states(domain) == {"spf": "pass", "dkim": "warn", "dmarc": "warn", "mx": "pass"}
    assert domain.answered_by == "the sandbox"


def test_the_records_are_read_from_the_name_server_that_is_set(actor, settings):
    domain = ensure_domain("kim@ours.example", actor=actor)
    update_domain(domain, changes={"spf_source": "192.0.2.7"}, actor=actor)

    with a_name_server(dict(RECORDS)) as settings.NAME_SERVER:
        check_due_domains()

    assert states(domain) == {"spf": "pass", "dkim": "warn", "dmarc": "pass", "mx": "pass"}
    assert domain.answered_by == settings.NAME_SERVER
    assert domain.checks[0]["seen"] == "v=spf1 ip4:192.0.2.7 -all"


def test_a_domain_is_looked_at_once_a_day(actor):
    domain = ensure_domain("kim@ours.example", actor=actor)
    check_due_domains()
    at_once, next_day = check_due_domains(), due_domains(clock.now() + timedelta(days=1, seconds=1))

    assert at_once == 0
    assert list(next_day) == [domain]


def test_who_asks_is_answered_at_once(actor):
    domain = ensure_domain("kim@ours.example", actor=actor)
    check_due_domains()

    ask_for_check(domain, actor=actor)
    asked = SendingDomain.objects.get().wanted_at
    done = check_due_domains()

    assert asked is not None
    assert done == 1
    assert SendingDomain.objects.get().wanted_at is None


def test_only_what_turned_out_otherwise_is_history_and_a_fact(actor, settings):
    domain = ensure_domain("kim@ours.example", actor=actor)
    zone = dict(RECORDS)
    with a_name_server(zone) as settings.NAME_SERVER:
        for _ in range(2):
            check_due_domains()
            ask_for_check(domain, actor=actor)
        del zone[("ours.example", "MX")]
        check_due_domains()

    facts = EventRecord.objects.filter(name="outreach.sending_domain_checked")
    changes = Change.objects.filter(subject_id=domain.pk, actor_kind="system")
    assert sorted(fact.payload["failing"] for fact in facts) == [[], ["mx"]]
    assert sorted(sorted(change.changed_fields) for change in changes) == [
        ["dkim", "dmarc", "mx", "spf"],
        ["mx"],
    ]


def test_a_silent_name_server_is_written_down_as_not_known(actor, settings):
    domain = ensure_domain("kim@ours.example", actor=actor)
    with a_name_server({("silent", "TXT"): [""], **RECORDS}) as settings.NAME_SERVER:
        check_due_domains()

    assert states(domain) == {"spf": "unknown", "dkim": "warn", "dmarc": "unknown", "mx": "pass"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"name": "x.example"}, "unknown_field"), ({"dkim_selector": "x" * 64}, "bad_domain")],
)
def test_what_cannot_be_set_is_refused_and_changes_nothing(actor, changes, code):
    domain = ensure_domain("kim@ours.example", actor=actor)
    before = SendingDomain.objects.values().get()

    with pytest.raises(InvalidInputError) as refused:
        update_domain(domain, changes=changes, actor=actor)

    assert refused.value.code == code
    assert SendingDomain.objects.values().get() == before


@pytest.mark.parametrize("role", [Role.AE, Role.MARKETING, Role.VIEWER])
def test_only_those_who_configure_change_a_domain_or_ask_for_a_check(role):
    domain = ensure_domain("kim@ours.example", actor=SYSTEM)
    before, other = SendingDomain.objects.values().get(), an_actor(role)

    for verb in (
        lambda: ask_for_check(domain, actor=other),
        lambda: update_domain(domain, changes={"spf_source": "x.example"}, actor=other),
        lambda: ensure_domain("kim@theirs.example", actor=other),
    ):
        with pytest.raises(NotPermittedError):
            verb()

    assert SendingDomain.objects.values().get() == before
