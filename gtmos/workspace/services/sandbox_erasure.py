"""Whoever was erased is in no file of the sandbox either."""

from gtmos.sandbox.forgetting import forget
from gtmos.workspace.selectors.sandbox import sandbox_places
from outreach.selectors.suppression import erased_among


def forget_erased() -> int:
    """Take out the mails of all addresses that are refused because their person was erased; done again, nothing is left."""
    return forget(sandbox_places(), erased_among)
