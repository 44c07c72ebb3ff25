"""The tools. Importing this package registers them all."""

from agents.tools import records, system, work

__all__ = ["records", "system", "work"]
