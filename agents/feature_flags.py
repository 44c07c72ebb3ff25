"""What of the assistant can be switched."""

from gtmos.kernel.flags.declared import feature

SUGGESTIONS = feature(
    "agents.suggestions",
    owner="Assistant",
    hides="what the assistant suggests to do next",
    is_on=True,
)
