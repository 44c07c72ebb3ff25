"""Asking for a decision and giving it."""

from gtmos.kernel.approvals.services.deciding import decide
from gtmos.kernel.approvals.services.requests import request_approval, withdraw_approval

__all__ = ["decide", "request_approval", "withdraw_approval"]
