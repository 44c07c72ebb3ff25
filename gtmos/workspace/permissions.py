"""Who may play the world outside, and who arranges pages."""

from gtmos.kernel.permissions import rule
from gtmos.kernel.rights import edits, signed_in

rule("workspace.use_sandbox")(edits)
rule("workspace.arrange_page")(signed_in)
