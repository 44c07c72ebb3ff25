"""Who may say which fields, rules and relations there are, and who may keep a value from being overwritten."""

from gtmos.kernel.permissions import rule
from gtmos.kernel.rights import configures

rule("kernel.configure_fields")(configures)
rule("kernel.configure_rules")(configures)
