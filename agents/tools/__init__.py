"""The tools. Importing this package registers them all."""

from agents.tools import campaigns, parties, records, research, system, testing, work

__all__ = ["campaigns", "parties", "records", "research", "system", "testing", "work"]
