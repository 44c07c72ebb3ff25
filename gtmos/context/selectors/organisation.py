"""Reading who we are."""

from gtmos.context.models import Organisation


def organisation() -> Organisation:
    """The one row, or an unsaved one without address; everybody who is signed in may see it."""
    return Organisation.objects.filter(pk=1).first() or Organisation(name="Our company")
