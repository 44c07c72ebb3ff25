"""Pages of this app."""

from django.urls import URLPattern, path

from outreach.views import campaigns, experiments, messages, touches

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
    path("touches/<int:key>/<slug:what>/", touches.touch_resolve, name="touch-resolve"),
]
