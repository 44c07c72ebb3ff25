"""Who may keep a view, show it to others, and change one that others use."""

from gtmos.kernel.actors import Actor
from gtmos.kernel.lists.models import SavedView, Sharing
from gtmos.kernel.permissions import rule
from gtmos.kernel.rights import edits, signed_in

rule("kernel.save_view")(signed_in)
rule("kernel.share_view")(edits)


@rule("kernel.edit_view")
def may_edit_view(actor: Actor, subject: object) -> bool:
    """Its owner; one that is shared also RevOps."""
    user = actor.user
    if user is None or not user.is_active or not isinstance(subject, SavedView):
        return False
    return subject.owner_id == user.pk or (subject.shared != Sharing.NOBODY and user.may_configure)
