"""Who may change what the company says about itself and believes."""

from gtmos.kernel.permissions import rule
from gtmos.kernel.rights import configures, edits

rule("context.edit_organisation")(configures)
rule("context.edit_product")(edits)
rule("context.edit_message_tree")(edits)
rule("context.edit_assumption")(edits)
