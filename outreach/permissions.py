"""Who may make messages leave the house, and who may stop them."""

from gtmos.kernel.permissions import rule
from gtmos.kernel.rights import configures, may, signed_in

rule("outreach.suppress_address")(may("edit", "contact"))
rule("outreach.resolve_touch")(may("send", "campaign"))

for name in ("outreach.edit_campaign", "outreach.pause_campaign"):
    rule(name)(may("edit", "campaign"))
# Whatever makes mail leave, or changes what leaves, needs the right to send.
rule("outreach.approve_campaign")(may("approve", "campaign"))
rule("outreach.promote_variant")(may("send", "campaign"))

# To look for people is to read; to decide on them, and to keep a search, is to write.
rule("outreach.start_research")(signed_in)
for name in (
    "outreach.edit_research",
    "outreach.decide_prospects",
    "outreach.save_search",
    "outreach.share_search",
):
    rule(name)(may("edit", "researchjob"))
# Everybody says when they may be booked, and nobody says it for another.
rule("outreach.set_booking_hours")(signed_in)
rule("outreach.configure_closed_days")(configures)
rule("outreach.configure_mailboxes")(configures)
rule("outreach.configure_domains")(configures)
rule("outreach.configure_providers")(configures)
rule("outreach.configure_scoring")(configures)
rule("outreach.configure_templates")(configures)
