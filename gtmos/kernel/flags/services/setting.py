"""Saying who has a feature."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.fields.services.changed import definitions_changed
from gtmos.kernel.flags.declared import feature_of
from gtmos.kernel.flags.models import FeatureFlag
from gtmos.kernel.people.access_services import check_role
from gtmos.kernel.people.models import Team, User
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes

EDITABLE = ("is_active", "share", "roles", "teams", "people")
RIGHT = "kernel.configure_flags"


@transaction.atomic
def set_flag(key: str, *, changes: Mapping[str, Any], actor: Actor) -> FeatureFlag:
    """From the next request on, in every process. Without any audience nobody has it."""
    require(actor, RIGHT)
    feature_of(key)
    if unknown := sorted(set(changes) - set(EDITABLE)):
        raise InvalidInputError(f"A flag has no {unknown[0]} to change.", code="unknown_field")
    flag, is_new = FeatureFlag.objects.select_for_update().get_or_create(key=key)
    before = {} if is_new else {name: getattr(flag, name) for name in EDITABLE}
    for name, value in changes.items():
        setattr(flag, name, sorted({str(each) for each in value}) if isinstance(value, list) else value)
    _refuse_wrong(flag)
    after = {name: getattr(flag, name) for name in EDITABLE}
    if history.record(flag, before=before, after=after, actor=actor, category="FLAG"):
        save_changes(flag, *EDITABLE)
        definitions_changed()
    return flag


@transaction.atomic
def forget_flag(flag: FeatureFlag, *, actor: Actor) -> None:
    """As the code came."""
    require(actor, RIGHT)
    before = {name: getattr(flag, name) for name in EDITABLE}
    history.record(flag, before=before, after=dict.fromkeys(EDITABLE), actor=actor, category="DELETED")
    flag.delete()
    definitions_changed()


def _refuse_wrong(flag: FeatureFlag) -> None:
    if not 0 <= flag.share <= 1:
        raise InvalidInputError("The part of the people is from 0 to 1.", code="bad_share")
    for role in flag.roles:
        check_role(role)
    for names, model, noun in ((flag.teams, Team, "team"), (flag.people, User, "person")):
        known = {str(key) for key in model._default_manager.values_list("pk", flat=True)}
        if missing := sorted(set(names) - known):
            raise InvalidInputError(f"There is no {noun} {missing[0]}.", code="unknown_audience")
