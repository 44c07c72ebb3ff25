"""Who may write the rules of approvals, ask and decide."""

from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals.models import Delegation
from gtmos.kernel.permissions import rule
from gtmos.kernel.rights import configures, signed_in

rule("kernel.configure_approvals")(configures)
rule("kernel.configure_flags")(configures)
rule("kernel.request_approval")(signed_in)


@rule("kernel.decide_approval")
def may_decide(actor: Actor, subject: object) -> bool:
    """A person. Whether they are asked, the verb looks up: it depends on the step and on who is away."""
    del subject
    return actor.kind == "user" and actor.user is not None and actor.user.is_active


@rule("kernel.delegate_approvals")
def may_delegate(actor: Actor, subject: object) -> bool:
    """For oneself; RevOps for whoever is away already."""
    if actor.kind != "user" or actor.user is None or not actor.user.is_active:
        return False
    person = subject.person if isinstance(subject, Delegation) else subject
    return person == actor.user or actor.user.may_configure
