"""Who may let a restored copy send, and say how often something is done."""

from gtmos.kernel.permissions import rule
from gtmos.kernel.rights import configures

rule("kernel.open_sending")(configures)
rule("kernel.configure_schedules")(configures)
