"""Pages that compose all apps."""

from django.urls import path

from gtmos.workspace.views import (
    audit,
    command,
    home,
    sandbox,
    search,
    settings,
    suggestions,
    threads,
    webhooks,
)

app_name = "workspace"
urlpatterns = [
    path("", home.home, name="home"),
    path("banner/", home.banner, name="banner"),
    path("help/", search.help_page, name="help"),
    path("search/", search.search, name="search"),
    path("audit/", audit.log, name="audit"),
    path("audit/export.csv", audit.export, name="audit-export"),
    path("command/", command.command, name="command"),
    path("command/run/", command.command_run, name="command-run"),
    path("runs/<uuid:run_id>/confirm/", command.run_confirm, name="run-confirm"),
    path("runs/<uuid:run_id>/reject/", command.run_reject, name="run-reject"),
    path("runs/<uuid:run_id>/undo/", command.run_undo, name="run-undo"),
    path("threads/", threads.thread_panel, name="thread-panel"),
    path("threads/new/", threads.thread_new, name="thread-new"),
    path("threads/<uuid:thread_id>/", threads.thread, name="thread"),
    path("threads/<uuid:thread_id>/say/", threads.thread_say, name="thread-say"),
    path("threads/<uuid:thread_id>/share/", threads.thread_share, name="thread-share"),
    path("threads/<uuid:thread_id>/<uuid:message_id>/", threads.thread_branch, name="thread-branch"),
    path(
        "threads/<uuid:thread_id>/<uuid:message_id>/show/",
        threads.thread_branch_show,
        name="thread-branch-show",
    ),
    path("suggestions/<uuid:suggestion_id>/accept/", suggestions.accept, name="suggestion-accept"),
    path("suggestions/<uuid:suggestion_id>/dismiss/", suggestions.dismiss, name="suggestion-dismiss"),
    path("suggestions/<uuid:suggestion_id>/reopen/", suggestions.reopen, name="suggestion-reopen"),
    path("settings/", settings.settings_page, name="settings"),
    path("webhooks/", webhooks.webhooks, name="webhooks"),
    path("webhooks/<uuid:webhook_id>/", webhooks.webhook, name="webhook"),
    path("webhooks/<uuid:webhook_id>/change/", webhooks.change, name="webhook-change"),
    path(
        "webhooks/<uuid:webhook_id>/deliveries/<int:delivery_id>/replay/",
        webhooks.replay,
        name="webhook-replay",
    ),
    path("sandbox/", sandbox.mails, name="sandbox"),
    path("sandbox/people/", sandbox.people, name="sandbox-people"),
    path("sandbox/clock/", sandbox.business_clock, name="sandbox-clock"),
    path("clock/", sandbox.business_clock, name="clock"),
    path("sandbox/<slug:mail_id>/", sandbox.mail, name="sandbox-mail"),
    path("sandbox/<slug:mail_id>/frame/", sandbox.frame, name="sandbox-frame"),
    path("sandbox/<slug:mail_id>/pictures/", sandbox.frame_with_pictures, name="sandbox-pictures"),
    path("sandbox/<slug:mail_id>/answer/", sandbox.answer, name="sandbox-answer"),
]
