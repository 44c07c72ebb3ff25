"""Who may make messages leave the house, and who may stop them."""

from gtmos.kernel.permissions import rule
from gtmos.kernel.rights import configures, edits, sends, signed_in

rule("outreach.suppress_address")(edits)
rule("outreach.resolve_touch")(sends)

for name in ("outreach.edit_campaign", "outreach.pause_campaign"):
    rule(name)(edits)
# Whatever makes mail leave, or changes what leaves, needs the right to send.
for name in ("outreach.approve_campaign", "outreach.promote_variant"):
    rule(name)(sends)

# To look for people is to read; to decide on them, and to keep a search, is to write.
rule("outreach.start_research")(signed_in)
for name in (
    "outreach.edit_research",
    "outreach.decide_prospects",
    "outreach.save_search",
    "outreach.share_search",
):
    rule(name)(edits)
rule("outreach.configure_mailboxes")(configures)
