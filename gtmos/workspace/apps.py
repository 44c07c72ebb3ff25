from django.apps import AppConfig


class WorkspaceConfig(AppConfig):
    name = "gtmos.workspace"
    label = "workspace"
    verbose_name = "Workspace"
