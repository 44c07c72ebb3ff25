from importlib import import_module

from django.apps import AppConfig
from django.db.models import CharField, TextField
from django.db.models.functions import Lower
from django.utils.module_loading import autodiscover_modules

from gtmos.kernel.search.lookups import BeginsOften, Holds, HoldsOften


class KernelConfig(AppConfig):
    name = "gtmos.kernel"
    label = "kernel"
    verbose_name = "People, events, history"

    def ready(self) -> None:
        """Every app's permissions and subscribers are known before the first request."""
        import_module("gtmos.celery")
        import_module("gtmos.checks")
        import_module("gtmos.kernel.people.permissions")
        import_module("gtmos.kernel.undo.permissions")
        import_module("gtmos.kernel.notifications.permissions")
        import_module("gtmos.kernel.webhooks.permissions")
        import_module("gtmos.kernel.schedule.permissions")
        import_module("gtmos.kernel.approvals.permissions")
        import_module("gtmos.kernel.approvals.events")
        import_module("gtmos.kernel.workflows.basics")
        import_module("gtmos.kernel.workflows.telling")
        import_module("gtmos.kernel.workflows.asking")
        import_module("gtmos.kernel.workflows.starting")
        import_module("gtmos.kernel.fields.permissions")
        import_module("gtmos.kernel.lists.permissions")
        import_module("gtmos.kernel.privacy.own_data")
        autodiscover_modules(
            "permissions",
            "events",
            "subscribers",
            "schedules",
            "tools",
            "selectors.search",
            "services.merging",
            "custom_objects",
            "listed",
            "personal_data",
            "approval_actions",
            "feature_flags",
        )
        CharField.register_lookup(Lower)
        CharField.register_lookup(Holds)
        TextField.register_lookup(Holds)
        TextField.register_lookup(HoldsOften)
        CharField.register_lookup(BeginsOften)
        TextField.register_lookup(BeginsOften)
