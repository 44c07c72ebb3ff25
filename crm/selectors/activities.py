"""Reading what happened and what is to be done."""

from crm.selectors.visibility import get_activity, get_task, visible_activities, visible_tasks

__all__ = ["get_activity", "get_task", "visible_activities", "visible_tasks"]
