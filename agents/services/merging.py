"""What becomes of suggestions when two records turn out to be one."""

from crm.services.merge_relations import Treatment, declare

declare(Treatment.MOVES, "agents.suggestion.subject_id")
