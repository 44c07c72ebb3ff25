"""Who may make messages leave the house, and who may stop them."""

from gtmos.kernel.permissions import rule
from gtmos.kernel.rights import edits, sends

rule("outreach.suppress_address")(edits)
rule("outreach.resolve_touch")(sends)
