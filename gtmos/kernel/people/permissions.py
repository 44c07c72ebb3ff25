"""Who may manage people and keys."""

from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import User
from gtmos.kernel.permissions import rule
from gtmos.kernel.rights import configures

rule("kernel.manage_people")(configures)
rule("kernel.configure_roles")(configures)
rule("kernel.configure_territories")(configures)
rule("kernel.replay_delivery")(configures)
rule("kernel.watch_events")(configures)
rule("kernel.configure_workflows")(configures)
rule("kernel.redact_history")(configures)
rule("kernel.configure_retention")(configures)


@rule("kernel.make_administrators")
def may_make_administrators(actor: Actor, subject: object) -> bool:
    """Otherwise RevOps could give itself every right."""
    del subject
    return actor.user is not None and actor.user.is_active and actor.user.is_superuser


@rule("kernel.set_password")
def may_set_password(actor: Actor, subject: object) -> bool:
    if actor.user is None or not isinstance(subject, User) or not actor.user.is_active:
        return False
    if actor.user == subject or actor.user.is_superuser:
        return True
    return actor.user.may_configure and not subject.is_superuser


@rule("kernel.change_own_sign_in")
def may_change_own_sign_in(actor: Actor, subject: object) -> bool:
    """Nobody else's, not even RevOps: whoever could add a factor to an account could sign in as it."""
    return actor.user is not None and actor.user.is_active and actor.user == subject


rule("kernel.reset_factors")(
    lambda actor, subject: may_set_password(actor, subject) and actor.user != subject
)
rule("kernel.move_clock")(lambda actor, _: actor.user is not None and actor.user.may_edit)


@rule("kernel.issue_token")
def may_issue_token(actor: Actor, subject: object) -> bool:
    """People make keys for themselves; RevOps for anybody."""
    return actor.user is not None and (actor.user == subject or actor.user.may_configure)


@rule("kernel.view_audit")
def may_view_audit(actor: Actor, subject: object) -> bool:
    """Whoever configures and is shown every field: the log holds the values of all of them."""
    del subject
    user = actor.user
    return user is not None and user.may_configure and (user.is_superuser or not user.standing.fields)
