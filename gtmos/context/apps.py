from django.apps import AppConfig


class ContextConfig(AppConfig):
    name = "gtmos.context"
    label = "context"
    verbose_name = "Company context"
