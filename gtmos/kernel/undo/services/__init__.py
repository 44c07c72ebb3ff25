"""What can be done with what was done."""

from gtmos.kernel.undo.services.deeds import (
    do_again,
    forget_deeds,
    note_changes,
    note_deed,
    note_undone,
    take_back,
)

__all__ = ["do_again", "forget_deeds", "note_changes", "note_deed", "note_undone", "take_back"]
