"""Who may manage people and keys."""

from gtmos.kernel.actors import Actor
from gtmos.kernel.permissions import rule
from gtmos.kernel.rights import configures

rule("kernel.manage_people")(configures)
rule("kernel.replay_delivery")(configures)
rule("kernel.move_clock")(lambda actor, _: actor.user is not None and actor.user.may_edit)


@rule("kernel.issue_token")
def may_issue_token(actor: Actor, subject: object) -> bool:
    """People make keys for themselves; RevOps for anybody."""
    return actor.user is not None and (actor.user == subject or actor.user.may_configure)
