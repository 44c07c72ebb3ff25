"""Who may tell other systems what happens here."""

from gtmos.kernel.permissions import rule
from gtmos.kernel.rights import configures

rule("kernel.manage_webhooks")(configures)
