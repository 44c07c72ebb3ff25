"""Pages of this app."""

from django.urls import URLPattern, path

from outreach.views import (
    availability,
    campaigns,
    domains,
    experiments,
    meetings,
    messages,
    performance,
    provider_door,
    providers,
    research,
    touches,
    tracking,
)

app_name = "outreach"
urlpatterns: list[URLPattern] = [
    path("campaigns/", campaigns.campaign_list, name="campaigns"),
    path("campaigns/<uuid:key>/", campaigns.campaign_detail, name="campaign"),
    path("campaigns/<uuid:key>/live/", campaigns.campaign_live, name="campaign-live"),
    path("campaigns/<uuid:key>/message/", messages.message_preview, name="campaign-message"),
    path("campaigns/<uuid:key>/messages/<int:number>/", messages.step_edit, name="campaign-step"),
    path("campaigns/<uuid:key>/do/<slug:verb>/", campaigns.campaign_verb, name="campaign-verb"),
    path("campaigns/<uuid:key>/ask/<slug:verb>/", campaigns.campaign_question, name="campaign-question"),
    path("campaigns/<uuid:key>/delete/", campaigns.campaign_delete, name="campaign-delete"),
    path("campaigns/<uuid:key>/variants/", experiments.variant_add, name="variant-add"),
    path("campaigns/<uuid:key>/variants/unpromote/", experiments.variant_unpromote, name="variant-unpromote"),
    path("campaigns/<uuid:key>/variants/<slug:letter>/", experiments.variant_promote, name="variant-promote"),
    path("reports/outreach/", performance.performance, name="performance"),
    path("reports/outreach/table.csv", performance.performance_csv, name="performance-csv"),
    path("touches/<int:key>/<slug:what>/", touches.touch_resolve, name="touch-resolve"),
    path("outreach/domains/", domains.domain_list, name="domains"),
    path("outreach/domains/<uuid:key>/check/", domains.domain_check, name="domain-check"),
    # Addresses in mails: they stand in sent mail for ever and never change.
    path("t/o/<str:token>.gif", tracking.opened, name="opened"),
    path("t/c/<str:token>/", tracking.clicked, name="clicked"),
    path("u/<str:token>/", tracking.unsubscribe, name="unsubscribe"),
    path("meetings/<uuid:key>/invitation.ics", meetings.invitation, name="meeting-invitation"),
    path("settings/account/hours/", availability.booking_hours, name="booking-hours"),
    path("settings/account/hours/next/", availability.next_times, name="booking-hours-next"),
    path("settings/mail-providers/", providers.providers, name="providers"),
    path("settings/mail-providers/<slug:key>/", providers.provider, name="provider"),
    path("settings/mail-providers/<slug:key>/change/", providers.change, name="provider-change"),
    # Addresses that are entered at mail providers.
    path("hooks/email/<slug:key>/", provider_door.tracking, name="provider-events"),
    path("hooks/email/<slug:key>/inbound/", provider_door.inbound, name="provider-mail"),
    path("research/", research.research_list, name="researches"),
    path("research/new/", research.research_new, name="research-new"),
    path("research/<uuid:key>/", research.research_detail, name="research"),
    path("research/<uuid:key>/live/", research.research_live, name="research-live"),
    path("research/<uuid:key>/cancel/", research.research_cancel, name="research-cancel"),
    path("research/<uuid:key>/criteria/", research.criteria, name="research-criteria"),
    path("research/<uuid:key>/criteria/<slug:slot>/", research.criterion, name="research-criterion"),
    path(
        "research/<uuid:key>/criteria/<slug:slot>/remove/",
        research.criterion_remove,
        name="research-criterion-remove",
    ),
    path("research/<uuid:key>/save/", research.search_save, name="research-save"),
    path("research/<uuid:key>/share/", research.research_share, name="research-share"),
    path("research/<uuid:key>/undo/<uuid:decision>/", research.prospects_undo, name="prospects-undo"),
    path("research/<uuid:key>/all/<slug:verb>/", research.prospects_decide, name="prospects-decide"),
    path("prospects/<uuid:key>/<slug:verb>/", research.prospect_decide, name="prospect-decide"),
    path("searches/<uuid:key>/<slug:verb>/", research.search_do, name="search-do"),
]
