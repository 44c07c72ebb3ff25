"""Whose home somebody sees, and what stands on every home."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import Role
from gtmos.kernel.permissions import allows
from gtmos.workspace.models import HomeSetting
from gtmos.workspace.selectors.existing import existing
from gtmos.workspace.selectors.home_executive import executive_home
from gtmos.workspace.selectors.home_marketer import marketer_home
from gtmos.workspace.selectors.home_rep import rep_home
from gtmos.workspace.selectors.home_revops import revops_home
from gtmos.workspace.selectors.home_success import success_home
from gtmos.workspace.selectors.quick_start import quick_start
from gtmos.workspace.selectors.waiting import waiting


@dataclass(frozen=True, slots=True)
class Home:
    key: str
    name: str
    read: Callable[[Actor], dict[str, Any]]


HOMES = {
    home.key: home
    for home in (
        Home("rep", "Sales", rep_home),
        Home("marketer", "Marketing", marketer_home),
        Home("success", "Success", success_home),
        Home("revops", "RevOps", revops_home),
        Home("executive", "Executive", executive_home),
    )
}
# An administrator of a young installation sells first of all; everybody can change it.
OF_ROLE: dict[str, str] = {
    Role.ADMIN: "rep",
    Role.AE: "rep",
    Role.SDR: "rep",
    Role.MARKETING: "marketer",
    Role.CSM: "success",
    Role.REVOPS: "revops",
    Role.EXECUTIVE: "executive",
    Role.VIEWER: "executive",
}


def home_of(actor: Actor) -> tuple[Home, HomeSetting]:
    """The chosen one, or that of the role; one statement."""
    assert actor.user is not None
    setting = HomeSetting.objects.filter(user=actor.user).first() or HomeSetting(user=actor.user)
    own = OF_ROLE.get(actor.user.standing.based_on, "rep")
    return HOMES[setting.shown if setting.shown in HOMES else own], setting


def home_page(*, actor: Actor) -> dict[str, Any]:
    """Everything on the page, in a fixed number of statements."""
    home, setting = home_of(actor)
    has_steps = not setting.quick_start_hidden_at
    there = existing(actor=actor, with_steps=has_steps)
    return {
        "now": clock.now(),
        "home": home,
        "homes": tuple(HOMES.values()),
        "pins": setting.pins,
        "body": f"workspace/home/_{home.key}.html",
        "may_decide_alerts": allows(actor, "crm.decide_alerts"),
        "quick_start": quick_start(there, actor=actor) if has_steps else None,
        **waiting(there, actor=actor),
        **home.read(actor),
    }
