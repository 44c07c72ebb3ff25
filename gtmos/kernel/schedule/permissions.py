"""Who may let a restored copy send."""

from gtmos.kernel.permissions import rule
from gtmos.kernel.rights import configures

rule("kernel.open_sending")(configures)
