"""Pages of the customer record."""

from django.urls import path

from crm.views import (
    account_teams,
    alerts,
    companies,
    contacts,
    deal_list,
    deal_turns,
    deals,
    documents,
    duplicates,
    exports,
    figures,
    history,
    hygiene,
    imports,
    locks,
    meetings,
    moves,
    notes,
    privacy,
    readings,
    relations,
    reports,
    routing,
    target_lists,
    tasks,
    territories,
    timeline,
)

app_name = "crm"
urlpatterns = [
    path("companies/", companies.companies, name="companies"),
    path("companies/new/", companies.create, name="company-create"),
    path("companies/<uuid:company_id>/", companies.company, name="company"),
    path("companies/<uuid:company_id>/edit/", companies.edit, name="company-edit"),
    path("companies/<uuid:company_id>/state/", companies.state, name="company-state"),
    path("companies/<uuid:company_id>/note/", companies.note, name="company-note"),
    path("companies/<uuid:company_id>/parent/", companies.parent, name="company-parent"),
    path("companies/<uuid:company_id>/team/", account_teams.add, name="company-team"),
    path(
        "companies/<uuid:company_id>/team/<uuid:member_id>/remove/",
        account_teams.remove,
        name="company-team-remove",
    ),
    path("companies/<uuid:company_id>/primary/<uuid:contact_id>/", companies.primary, name="company-primary"),
    path("target-lists/", target_lists.target_lists, name="target-lists"),
    path("target-lists/add/", target_lists.add, name="target-list-add"),
    path("target-lists/<uuid:target_list_id>/", target_lists.target_list, name="target-list"),
    path("target-lists/<uuid:target_list_id>/edit/", target_lists.edit, name="target-list-edit"),
    path("target-lists/<uuid:target_list_id>/delete/", target_lists.delete, name="target-list-delete"),
    path(
        "target-lists/<uuid:target_list_id>/remove/<uuid:company_id>/",
        target_lists.remove,
        name="target-list-remove",
    ),
    path("contacts/", contacts.contacts, name="contacts"),
    path("contacts/new/", contacts.create, name="contact-create"),
    path("contacts/<uuid:contact_id>/", contacts.contact, name="contact"),
    path("contacts/<uuid:contact_id>/edit/", contacts.edit, name="contact-edit"),
    path("contacts/<uuid:contact_id>/note/", contacts.note, name="contact-note"),
    path("contacts/<uuid:contact_id>/export/", privacy.export, name="contact-export"),
    path("contacts/<uuid:contact_id>/erase/", privacy.erase, name="contact-erase"),
    path("settings/privacy/", privacy.privacy, name="privacy"),
    path("pipeline/", deals.pipeline, name="pipeline"),
    path("deals/", deal_list.deals, name="deals"),
    path("deals/new/", deals.create, name="deal-create"),
    path("deals/<uuid:deal_id>/", deals.deal, name="deal"),
    path("deals/<uuid:deal_id>/edit/", deals.edit, name="deal-edit"),
    path("deals/<uuid:deal_id>/move/", deals.move, name="deal-move"),
    path("settings/territories/", territories.territories, name="territories"),
    path("settings/territories/apply/", territories.apply, name="territories-apply"),
    path("settings/routing/", routing.routing, name="routing"),
    path("settings/routing/rules/", routing.save, name="routing-save"),
    path("settings/routing/rules/<int:place>/up/", routing.up, name="routing-up"),
    path("settings/routing/rules/<int:place>/remove/", routing.remove, name="routing-remove"),
    path("settings/routing/stop/", routing.stop, name="routing-stop"),
    path("settings/routing/<int:number>/activate/", routing.activate, name="routing-activate"),
    path("settings/routing/<int:number>/discard/", routing.discard, name="routing-discard"),
    path("deals/<uuid:deal_id>/turn/<slug:verb>/", deal_turns.turn, name="deal-turn"),
    path("deals/<uuid:deal_id>/next-step/", deal_turns.next_step, name="deal-next-step"),
    path("deals/<uuid:deal_id>/objection/", deal_turns.objection, name="deal-objection"),
    path("deals/<uuid:deal_id>/note/", deal_turns.note, name="deal-note"),
    path("notes/<uuid:note_id>/", notes.note, name="note"),
    path("notes/<uuid:note_id>/delete/", notes.delete, name="note-delete"),
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/<uuid:alert_id>/<slug:verb>/", alerts.decide, name="alert-decide"),
    path("companies/<uuid:company_id>/alerts/", alerts.of_company, name="alerts-of-company"),
    path("documents/", documents.documents, name="documents"),
    path(
        "companies/<uuid:company_id>/documents/",
        documents.of_record,
        {"noun": "company"},
        name="documents-of-company",
    ),
    path(
        "contacts/<uuid:contact_id>/documents/",
        documents.of_record,
        {"noun": "contact"},
        name="documents-of-contact",
    ),
    path("deals/<uuid:deal_id>/documents/", documents.of_record, {"noun": "deal"}, name="documents-of-deal"),
    path(
        "products/<uuid:product_id>/documents/",
        documents.of_record,
        {"noun": "product"},
        name="documents-of-product",
    ),
    path(
        "campaigns/<uuid:key>/documents/",
        documents.of_record,
        {"noun": "campaign"},
        name="documents-of-campaign",
    ),
    path("documents/<uuid:document_id>/", documents.document, name="document"),
    path("documents/<uuid:document_id>/file/", documents.download, name="document-download"),
    path("documents/<uuid:document_id>/delete/", documents.delete, name="document-delete"),
    path("documents/<uuid:document_id>/restore/", documents.restore, name="document-restore"),
    path("readings/", readings.log, name="readings"),
    path("readings/read/", readings.read, name="readings-read"),
    path("readings/<uuid:reading_id>/", readings.reading, name="reading"),
    path("readings/<uuid:reading_id>/<slug:verb>/", readings.all_of, name="reading-all"),
    path("proposals/<uuid:proposal_id>/<slug:verb>/", readings.decide, name="proposal"),
    path("activities/<uuid:activity_id>/reading/", readings.of_activity, name="activity-reading"),
    path("mentions/", notes.mentions, name="mentions"),
    path("mentions/<uuid:mention_id>/read/", notes.read, name="mention-read"),
    *(
        path(
            f"{nouns}/<uuid:{kind}_id>/colleagues/",
            notes.colleagues,
            {"kind": kind},
            name=f"{kind}-colleagues",
        )
        for kind, nouns in (("company", "companies"), ("contact", "contacts"), ("deal", "deals"))
    ),
    path("meetings/", meetings.meetings, name="meetings"),
    path("meetings/new/", meetings.create, name="meeting-create"),
    path("meetings/<uuid:meeting_id>/", meetings.meeting, name="meeting"),
    path("meetings/<uuid:meeting_id>/close/<slug:verb>/", meetings.close, name="meeting-close"),
    path("objections/", figures.objection_page, name="objections"),
    path("rates/", figures.rates, name="rates"),
    path("rates/record/", figures.record, name="rate-record"),
    path("reports/forecast/", reports.forecast, name="report-forecast"),
    path("reports/deals/", reports.deals, name="report-deals"),
    path("reports/pipeline/", reports.review, name="report-review"),
    path("tasks/", tasks.tasks, name="tasks"),
    path("tasks/new/", tasks.create, name="task-create"),
    path("tasks/<uuid:task_id>/complete/", tasks.complete, name="task-complete"),
    path("tasks/<uuid:task_id>/reopen/", tasks.reopen, name="task-reopen"),
    path("exports/<slug:kind>.<slug:file_format>", exports.export, name="export"),
    path("imports/", imports.imports, name="imports"),
    path("imports/upload/", imports.upload, name="import-upload"),
    path("imports/<uuid:batch_id>/", imports.detail, name="import"),
    path("imports/<uuid:batch_id>/start/", imports.start, name="import-start"),
    path("imports/<uuid:batch_id>/dry-run/", imports.rehearse, name="import-rehearse"),
    path("imports/<uuid:batch_id>/undo/", imports.undo, name="import-undo"),
    path("imports/<uuid:batch_id>/repeat/", imports.repeat, name="import-repeat"),
    path("imports/<uuid:batch_id>/join/", imports.join, name="import-join"),
    path("moves/<uuid:move_id>/", moves.detail, name="move"),
    path("moves/<uuid:move_id>/start/", moves.start, name="move-start"),
    path("moves/<uuid:move_id>/dry-run/", moves.rehearse, name="move-rehearse"),
    path("moves/<uuid:move_id>/undo/", moves.undo, name="move-undo"),
    path("moves/<uuid:move_id>/repeat/", moves.repeat, name="move-repeat"),
    path("imports/<uuid:batch_id>/rejected.csv", imports.rejected, name="import-rejected"),
    path("companies/like/", duplicates.company_hint, name="company-hint"),
    path("contacts/like/", duplicates.contact_hint, name="contact-hint"),
    *(
        path(
            f"{nouns}/<uuid:{kind}_id>/merge/<uuid:other_id>/",
            duplicates.merge,
            {"kind": kind},
            name=f"{kind}-merge",
        )
        for kind, nouns in (("company", "companies"), ("contact", "contacts"), ("deal", "deals"))
    ),
    *(
        path(f"{nouns}/<uuid:{kind}_id>/history/", history.changes, {"kind": kind}, name=f"{kind}-history")
        for kind, nouns in (("company", "companies"), ("contact", "contacts"), ("deal", "deals"))
    ),
    *(
        path(
            f"{nouns}/<uuid:{kind}_id>/history/<int:change_id>/restore/",
            history.restore,
            {"kind": kind},
            name=f"{kind}-restore",
        )
        for kind, nouns in (("company", "companies"), ("contact", "contacts"), ("deal", "deals"))
    ),
    *(
        path(f"{nouns}/<uuid:{kind}_id>/timeline/", timeline.earlier, {"kind": kind}, name=f"{kind}-timeline")
        for kind, nouns in (("company", "companies"), ("contact", "contacts"), ("deal", "deals"))
    ),
    *(
        path(
            f"{nouns}/<uuid:{kind}_id>/locks/<slug:part>/<slug:verb>/",
            locks.change,
            {"kind": kind},
            name=f"{kind}-lock",
        )
        for kind, nouns in (("company", "companies"), ("contact", "contacts"), ("deal", "deals"))
    ),
    *(
        path(f"{nouns}/<uuid:{kind}_id>/{rest}", view, {"kind": kind}, name=f"{kind}-{name}")
        for kind, nouns in (("company", "companies"), ("contact", "contacts"), ("deal", "deals"))
        for rest, view, name in (
            ("relations/", relations.of_record, "relations"),
            ("relations/<slug:relation>/<slug:end>/", relations.search, "relation"),
            (
                "relations/<slug:relation>/<slug:end>/<uuid:other_id>/<slug:verb>/",
                relations.change,
                "relation-change",
            ),
        )
    ),
    path("duplicates/", duplicates.duplicates, name="duplicates"),
    path("duplicates/<uuid:pair_id>/dismiss/", duplicates.dismiss, name="duplicate-dismiss"),
    path("merges/<uuid:merge_id>/undo/", duplicates.undo, name="merge-undo"),
    path("hygiene/", hygiene.hygiene, name="hygiene"),
    path("hygiene/<slug:check>/", hygiene.rows, name="hygiene-rows"),
]
