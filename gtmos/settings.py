"""Django settings. Values that differ between installations live in `gtmos.env`."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.templatetags.static import static

from gtmos.env import BASE_DIR, env

try:
    import django_stubs_ext
except ModuleNotFoundError:  # only where types are checked
    pass
else:
    django_stubs_ext.monkeypatch()  # lets `ModelAdmin[Campaign]` be written at run time

PRODUCTION = env.production
SANDBOX = env.sandbox
GTMOS_HOME = env.home
SECRET_KEY = env.secret_key
SECRETS_KEYS = env.secrets_keys
OUTGOING_PRIVATE_HOSTS = env.private_hosts
NAME_SERVER = env.name_server
DEBUG = env.debug
ALLOWED_HOSTS = list(env.allowed_hosts)
ROOT_URLCONF = "gtmos.urls"
ASGI_APPLICATION = "gtmos.asgi.application"
AUTH_USER_MODEL = "kernel.User"
AUTHENTICATION_BACKENDS = ["gtmos.kernel.signin.backends.SessionBackend"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
# One language. With more, every value on a page asks which: a quarter of the time that a list takes.
USE_I18N = False

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    # Lowest layer first; ARCHITECTURE.md says who may import whom.
    "gtmos.kernel",
    "gtmos.context",
    "crm",
    "outreach",
    "issues",
    "journeys",
    "agents",
    "gtmos.workspace",
]

MIDDLEWARE = [
    "gtmos.kernel.tracing.named_request",
    "gtmos.kernel.once.middleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "gtmos.workspace.middleware.packed_pages",
    "gtmos.workspace.middleware.signed_out",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "gtmos.kernel.signin.doors.session_limits",
    "gtmos.workspace.middleware.no_nul",
    "gtmos.workspace.middleware.second_factor_first",
    "gtmos.workspace.middleware.person_context",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "gtmos.workspace.middleware.opened_last",
    "gtmos.kernel.undo.noting.middleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "gtmos.workspace.context_processors.shell",
                "gtmos.workspace.context_processors.layout",
            ],
            "builtins": ["gtmos.kernel.templatetags.gtmos"],
        },
    }
]


WEB_THREADS = 8  # of each web worker; each needs a connection to the database


def database(url: str, *, pooled: bool) -> dict[str, Any]:
    """Connection settings from a URL. Web processes use the pool, workers one connection a thread."""
    parts = urlsplit(url)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    if pooled:
        options["pool"] = {"min_size": 1, "max_size": WEB_THREADS, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "gtmos",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": 0 if pooled else 600,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"NAME": env.test_database},
    }


# `manage.py` attaches to the embedded stores before this is read; only tools that need no data see none.
DATABASE_URL = env.database_url or "postgresql://gtmos@127.0.0.1:5432/gtmos"
REDIS_URL = env.redis_url or "redis://127.0.0.1:6379/0"
DATABASES = {"default": database(DATABASE_URL, pooled=env.pooled)}


def broker(url: str) -> str:
    """Celery names a unix socket differently than the redis client does."""
    return url.replace("unix://", "redis+socket://", 1) if url.startswith("unix://") else url


CELERY_BROKER_URL = broker(REDIS_URL)
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            "hosts": [REDIS_URL.replace("redis+socket://", "unix://", 1)],
            "capacity": 500,
            "expiry": 30,
        },
    }
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "workspace:home"
LOGOUT_REDIRECT_URL = "login"

# Second factors: the library keeps and checks them, our own pages and verbs are around it (`gtmos.kernel.signin`).
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
MFA_ADAPTER = "gtmos.kernel.signin.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODE_DIGITS = 10
MFA_WEBAUTHN_USER_VERIFICATION = "required"
SECOND_FACTOR_REQUIRED = not SANDBOX  # of administrators and RevOps
SESSION_ENGINE = "gtmos.kernel.signin.session_store"
SESSION_IDLE_MINUTES = env.session_idle_minutes
SESSION_LONGEST_HOURS = env.session_longest_hours
SESSION_COOKIE_AGE = 3600 * SESSION_LONGEST_HOURS

# Browser security. Development on loopback has no TLS, so only production asks for it.
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# docs/decisions/0004-two-content-policies.md: the admin theme and the API pages need more; they get their own.
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ("/admin/", "/api/v1/docs/"),
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

STATIC_URL = "/static/"
EVENT_SCHEMAS = BASE_DIR / "events.lock.json"  # the shapes of events that were agreed on last
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
MEDIA_ROOT = GTMOS_HOME / "files"
AUDIT_CHECKPOINT = GTMOS_HOME / "audit" / "checkpoint.json"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "gtmos.kernel.api_access.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["gtmos.kernel.api_access.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["gtmos.kernel.api_limits.MinuteLimit"],
    "DEFAULT_PAGINATION_CLASS": "gtmos.kernel.api_paging.KeysetPagination",
    "DEFAULT_RENDERER_CLASSES": ["gtmos.kernel.api_moments.AnswerRenderer"],
    "DATETIME_FORMAT": None,  # the renderer writes moments, in UTC for everybody
    "DEFAULT_PARSER_CLASSES": ["gtmos.kernel.api_parsing.BodyParser"],
    "DEFAULT_SCHEMA_CLASS": "gtmos.kernel.api_schema.DoorSchema",
    "EXCEPTION_HANDLER": "gtmos.kernel.api.handle_exception",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
# Requests a minute and token. Posting usage events is counted apart: programs do it by the batch.
API_REQUESTS_PER_MINUTE = {"": env.api_limit, "events": 20 * env.api_limit}
SPECTACULAR_SETTINGS = {
    "TITLE": "GTM OS API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "DESCRIPTION": "Everything the product keeps, with the rights of the person whose token you use. Days are those of that "
    "person; moments are answered in UTC, and one that is sent without a zone is read as UTC.",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "ActivityTypeEnum": "crm.enums.ActivityType",
        "CriterionKindEnum": "crm.enums.CriterionKind",
        "InfluenceRoleEnum": "crm.enums.InfluenceRole",
        "LossReasonEnum": "crm.enums.LossReason",
        "SignalTypeEnum": "crm.enums.SignalType",
        "StageKindEnum": "crm.enums.StageKind",
        "CampaignKindEnum": "outreach.enums.CampaignKind",
        "CampaignStateEnum": "outreach.enums.CampaignState",
        "DeliveryStateEnum": "gtmos.kernel.events.models.DeliveryState",
        "ExperimentStateEnum": "outreach.enums.ExperimentState",
        "GradeEnum": "outreach.api.research_shapes.LETTERS",
        "MetricEnum": "outreach.enums.Metric",
        "ResearchStateEnum": "outreach.enums.ResearchState",
        "RunStateEnum": "agents.enums.RunState",
        "TouchStateEnum": "outreach.enums.TouchState",
        "WebhookStateEnum": "gtmos.kernel.webhooks.models.WebhookState",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "gtmos.kernel.api_schema.describe_problems",
    ],
}

# The product's accent; 600 carries white text, 500 is text on dark ground.
DESK_COLOURS = {
    "50": "#eef2ff",
    "100": "#dbe4ff",
    "200": "#bac8ff",
    "300": "#9db6ff",
    "400": "#8aa6fb",
    "500": "#7395f8",
    "600": "#2952cc",
    "700": "#2145b0",
    "800": "#1c3a94",
    "900": "#172f78",
    "950": "#0f1f50",
}
UNFOLD = {
    "SITE_TITLE": "GTM OS",
    "SITE_HEADER": "RevOps desk",
    "SITE_URL": "/",
    "SITE_FAVICONS": [{"rel": "icon", "href": lambda _: static("css/mark.svg"), "type": "image/svg+xml"}],
    "SHOW_HISTORY": True,
    "STYLES": ["/static/css/desk.css"],
    "SCRIPTS": ["/static/js/desk.js"],
    "COLORS": {"primary": DESK_COLOURS},
    "DASHBOARD_CALLBACK": "gtmos.workspace.views.desk_menu.first_page",
    "SIDEBAR": {
        "show_all_applications": True,
        "navigation": "gtmos.workspace.views.desk_menu.navigation",
    },
    "SITE_DROPDOWN": [
        {"title": "Configuration as a file", "link": "/admin/configuration/", "icon": "swap_horiz"}
    ],
}

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django.request": {"level": "ERROR"}, "httpx": {"level": "WARNING"}},
}
