from crm.models.activity import Activity, Task
from crm.models.company import Company
from crm.models.contact import Contact
from crm.models.deal import Deal
from crm.models.importing import ImportBatch
from crm.models.pipeline import Pipeline, Stage
from crm.models.signal import Signal
from crm.models.usage import UsageEvent

__all__ = [
    "Activity",
    "Company",
    "Contact",
    "Deal",
    "ImportBatch",
    "Pipeline",
    "Signal",
    "Stage",
    "Task",
    "UsageEvent",
]
