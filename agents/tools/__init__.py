"""The tools. Importing this package registers them all."""

from agents.tools import campaigns, records, research, system, testing, work

__all__ = ["campaigns", "records", "research", "system", "testing", "work"]
