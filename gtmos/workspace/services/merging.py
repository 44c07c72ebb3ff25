"""What becomes of what screens remember when two records turn out to be one."""

from crm.services.merge_relations import Treatment, declare

declare(Treatment.GOES, "workspace.recent.entity_id", "workspace.workspacestate.entity_id")
