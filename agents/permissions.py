"""Who may ask, confirm and take back."""

from gtmos.kernel.actors import Actor
from gtmos.kernel.permissions import rule
from gtmos.kernel.records import OwnedRecord
from gtmos.kernel.rights import edits, sends, signed_in

rule("agents.ask")(signed_in)
rule("agents.write")(edits)
rule("agents.act_outside")(sends)


def _own(actor: Actor, subject: object) -> bool:
    """A thread, a run and a suggestion answer only to the person they belong to."""
    if actor.user is None or not isinstance(subject, OwnedRecord):
        return False
    return subject.owner_id == actor.user.pk


for name in ("agents.continue_thread", "agents.confirm_run", "agents.decide_suggestion"):
    rule(name)(_own)


@rule("agents.undo_run")
def may_undo(actor: Actor, subject: object) -> bool:
    return _own(actor, subject) and actor.user is not None and actor.user.may_edit
