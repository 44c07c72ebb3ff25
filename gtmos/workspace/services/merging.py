"""What becomes of the list of pages opened last when two records turn out to be one."""

from crm.services.merge_relations import Treatment, declare

declare(Treatment.GOES, "workspace.recent.entity_id")
