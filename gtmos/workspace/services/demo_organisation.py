"""The demo organisation, made through the same verbs as everything else. The screen says that it is a demo."""

from dataclasses import dataclass
from datetime import date
from io import BytesIO

from django.conf import settings
from django.db import transaction

from crm.models import ImportBatch
from crm.services.importing import run_import, start_import, upload_import
from crm.services.pipelines import ensure_default_pipeline
from gtmos.context.models import Claim, Organisation, Product
from gtmos.context.services.assumptions import create_assumption
from gtmos.context.services.messages import add_claim, create_product, update_message_tree
from gtmos.context.services.organisation import update_organisation
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.people.services import create_team, create_user
from gtmos.workspace.services.demo_life import tell
from gtmos.workspace.services.demo_people import COMPANY_COLUMNS, CONTACT_COLUMNS, Cast, as_csv
from outreach.channels.names import SANDBOX_SELECTOR, SANDBOX_SOURCE
from outreach.models import Mailbox
from outreach.services.domains import update_domain
from outreach.services.mailboxes import save_mailbox

DEMO_EMAIL = "demo@gtmos.example"
COLLEAGUES = (
    ("Rosa Lindqvist", Role.REVOPS),
    ("Jonas Okafor", Role.AE),
    ("Mina Takeda", Role.MARKETING),
    ("Peter Alvarez", Role.CSM),
    ("Astrid Novak", Role.EXECUTIVE),
)


@dataclass(frozen=True, slots=True)
class DemoSize:
    """How many of each. The people who match the first sentence of the tour are `chiefs_in_new_york`."""

    listed: int = 300
    chiefs_in_new_york: int = 18
    start_ups_elsewhere: int = 40


def is_empty() -> bool:
    return not User.objects.exists()


def make_demo(*, password: str, seed: int = 7, size: DemoSize | None = None, daily_cap: int = 200) -> User:
    """Everything a newcomer needs to walk the tour; refused where somebody works already."""
    if not is_empty():
        raise DomainError(
            "This installation has users already; the demo is for an empty one.", code="not_empty"
        )
    people = _people(password)
    user = people[0]
    actor = Actor.of(user, source="system")
    _company(actor, daily_cap=daily_cap)
    _records(actor, Cast(seed, clock.today()), size or DemoSize())
    if settings.SANDBOX:
        tell(people, seed=seed)
    return user


@transaction.atomic
def _people(password: str) -> list[User]:
    user = create_user(DEMO_EMAIL, name="Kim Demo", role=Role.ADMIN, password=password, actor=SYSTEM)
    others = [
        create_user(
            f"{name.split()[0].lower()}@gtmos.example", name=name, role=role, password=password, actor=SYSTEM
        )
        for name, role in COLLEAGUES
    ]
    create_team("Growth", members=[user, *others], actor=SYSTEM)
    return [user, *others]


@transaction.atomic
def _company(actor: Actor, *, daily_cap: int) -> None:
    update_organisation(
        changes={
            "name": "Brightpath Demo",
            "domain": "brightpath.example",
            "postal_address": "1 Example Street, New York, NY 10001, USA",
            "time_zone": "America/New_York",
            "is_demo": True,
        },
        actor=actor,
    )
    ensure_default_pipeline(actor=actor)
    product = create_product(
        "Brightpath", description="Ramps up new growth hires with the accounts worth their time.", actor=actor
    )
    _message_tree(product, actor)
    mailbox = save_mailbox(
        Mailbox(),
        changes={
            "address": "kim@brightpath.example",
            "display_name": "Kim Demo",
            "daily_cap": daily_cap,
            "booking_url": "https://brightpath.example/meet",
        },
        actor=actor,
    )
    if mailbox.domain is not None:
        update_domain(
            mailbox.domain,
            changes={"dkim_selector": SANDBOX_SELECTOR, "spf_source": SANDBOX_SOURCE},
            actor=actor,
        )
    create_assumption("A subject about their scale gets more replies than one about our growth", actor=actor)


def _message_tree(product: Product, actor: Actor) -> None:
    update_message_tree(
        product,
        changes={
            "founding_narrative": "New growth hires spend their first months finding whom to talk to. We give them that list on day one.",
            "headline": "A graded list of accounts for every new growth hire, on day one.",
            "value_props": [
                "New hires start with accounts that already show intent.",
                "Every grade says which facts it rests on.",
                "Nobody is written to twice.",
            ],
            "technical_specs": "Reads your CRM and dated public signals. Works with one mailbox.",
            "call_to_action": (
                "A sample list is at https://brightpath.example/sample. "
                "Would a 15-minute call next week be worth it?"
            ),
        },
        actor=actor,
    )
    add_claim(
        product,
        text="In our own records, new hires booked their first meeting in 9 days.",
        kind=Claim.Kind.VALUE,
        evidence_url="https://brightpath.example/evidence/first-meeting",
        expires_on=date(2030, 1, 1),
        actor=actor,
    )


def _records(actor: Actor, cast: Cast, size: DemoSize) -> None:
    start_ups = cast.start_ups(size.chiefs_in_new_york, size.start_ups_elsewhere)
    people = list(cast.people_of(start_ups))
    for name, content in (
        ("demo listed companies.csv", as_csv(cast.listed_companies(size.listed), COMPANY_COLUMNS)),
        ("demo start-ups and signals.csv", as_csv(start_ups, COMPANY_COLUMNS)),
        ("demo people.csv", as_csv(people, CONTACT_COLUMNS)),
    ):
        import_now(name, content, actor)


def import_now(name: str, content: BytesIO, actor: Actor) -> ImportBatch:
    """The whole way of a file at once: upload, start, run."""
    batch = upload_import(file_name=name, content=content, actor=actor)
    start_import(batch, actor=actor)
    batch = run_import(batch.pk)
    if batch.state != "done":
        raise DomainError(f"{name} was not imported: {batch.error}", code="import_failed")
    return batch


def demo_exists() -> bool:
    return Organisation.objects.filter(is_demo=True).exists()
