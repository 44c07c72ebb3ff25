"""Reading companies."""

from crm.selectors.visibility import get_company, visible_companies

__all__ = ["get_company", "visible_companies"]
