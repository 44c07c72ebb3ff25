"""What a person keeps on the home page: whose home it is, reports, and the quick start or not."""

from urllib.parse import urlsplit

from django.db import transaction

from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError, NotPermittedError
from gtmos.workspace.models import HomeSetting
from gtmos.workspace.selectors.homes import HOMES

MOST_PINS = 6
REPORTS = "/reports/"


@transaction.atomic
def choose_home(key: str, *, actor: Actor) -> HomeSetting:
    """From now on this home is shown; an empty key is the one of the role."""
    if key and key not in HOMES:
        raise InvalidInputError(f"There is no home called {key}.", code="unknown_home")
    setting = _own(actor)
    setting.shown = key
    setting.save(update_fields=["shown", "updated_at"])
    return setting


@transaction.atomic
def show_quick_start(*, is_shown: bool, actor: Actor) -> HomeSetting:
    setting = _own(actor)
    setting.quick_start_hidden_at = None if is_shown else clock.now()
    setting.save(update_fields=["quick_start_hidden_at", "updated_at"])
    return setting


@transaction.atomic
def pin_report(url: str, *, title: str, actor: Actor) -> HomeSetting:
    """Keep a report with its filters on one's home; the same address again gets the new title."""
    address = urlsplit(url)
    if address.scheme or address.netloc or not address.path.startswith(REPORTS) or ".." in address.path:
        raise InvalidInputError("Only a report of this installation can be kept.", code="not_a_report")
    setting = _own(actor)
    kept = [pin for pin in setting.pins if pin["url"] != url]
    if len(kept) >= MOST_PINS:
        raise InvalidInputError(
            f"A home keeps {MOST_PINS} reports. Take one off first.", code="too_many_pins"
        )
    setting.pins = [*kept, {"title": title.strip()[:120] or "Report", "url": url[:1000]}]
    setting.save(update_fields=["pins", "updated_at"])
    return setting


@transaction.atomic
def unpin_report(url: str, *, actor: Actor) -> HomeSetting:
    setting = _own(actor)
    setting.pins = [pin for pin in setting.pins if pin["url"] != url]
    setting.save(update_fields=["pins", "updated_at"])
    return setting


def _own(actor: Actor) -> HomeSetting:
    if actor.user is None:
        raise NotPermittedError("Only a person has a home.", code="not_permitted")
    HomeSetting.objects.get_or_create(user=actor.user)
    return HomeSetting.objects.select_for_update().get(user=actor.user)
