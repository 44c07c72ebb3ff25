"""Reading who we are."""

from gtmos.context.models import Organisation
from gtmos.kernel.once import once

ONCE = "organisation"


def organisation() -> Organisation:
    """The one row, or an unsaved one without address; everybody who is signed in may see it."""
    return once(ONCE, lambda: Organisation.objects.filter(pk=1).first() or Organisation(name="Our company"))
