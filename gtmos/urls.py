"""Every address of the product."""

from django.contrib import admin
from django.contrib.auth import views as auth_views
from django.urls import include, path

from crm.views import territories
from gtmos.workspace.views import configuration, health, sign_in, sign_in_links

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("login/", sign_in.SignInView.as_view(), name="login"),
    path("login/second/", sign_in.second, name="login-second"),
    path("login/passkey/", sign_in.passkey, name="login-passkey"),
    path("login/again/", sign_in.again, name="login-again"),
    path("login/forgot/", sign_in_links.forgot, name="login-forgot"),
    path("login/reset/<str:token>/", sign_in_links.reset, name="login-reset"),
    path("invitation/<str:token>/", sign_in_links.invitation, name="invitation"),
    path("logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("admin/login/", sign_in.desk, name="desk-login"),
    path(
        "admin/configuration/", admin.site.admin_view(configuration.configuration), name="desk-configuration"
    ),
    path("admin/territories/", admin.site.admin_view(territories.desk), name="desk-territories"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("gtmos.workspace.api_urls")),
    path("", include("crm.urls")),
    path("", include("outreach.urls")),
    path("", include("gtmos.workspace.urls")),
]
