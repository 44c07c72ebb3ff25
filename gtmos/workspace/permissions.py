"""Who may play the world outside."""

from gtmos.kernel.permissions import rule
from gtmos.kernel.rights import edits

rule("workspace.use_sandbox")(edits)
