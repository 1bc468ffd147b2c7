"""The settings of every installation. What differs between machines comes from the environment (see .env.example)."""

from pathlib import Path
from typing import Any

import structlog
from django.utils.translation import gettext_lazy as _

from apps.foundation.web.logs import KnownKeys
from vantrexia import env
from vantrexia.outbound import *  # noqa: F403

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("VANTREXIA_VAR") or BASE_DIR / "var")
VAR_DIR.mkdir(parents=True, exist_ok=True)

DEVELOPMENT_SECRET = "development-only-secret-key-refused-in-production"  # noqa: S105
DEVELOPMENT_FIELD_KEY = "ZGV2ZWxvcG1lbnQtb25seS1maWVsZC1rZXktMDAwMDA="
DEVELOPMENT_WEBHOOK_SECRET = "development-only-webhook-secret-refused-in-production"  # noqa: S105

MODE = env.choice("VANTREXIA_MODE", options=("development", "production"), default="development")
PRODUCTION = MODE == "production"
DEBUG = env.flag("DEBUG", default=False)

SECRET_KEY = env.text("SECRET_KEY", "" if PRODUCTION else DEVELOPMENT_SECRET)
FIELD_ENCRYPTION_KEY = env.words("FIELD_ENCRYPTION_KEY", "" if PRODUCTION else DEVELOPMENT_FIELD_KEY)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "" if PRODUCTION else "localhost,127.0.0.1,[::1],testserver")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "apps.authentication.apps.AuthenticationConfig",
    "apps.authentication.apps.PracticeAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "csp",
    "django_filters",
    "django_otp",
    "django_htmx",
    "django_tables2",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "encrypted_model_fields",
    "huey.contrib.djhuey",
    "rest_framework",
    "template_partials",
    "apps.foundation.encryption",
    "apps.foundation.tenancy",
    "apps.foundation.audit",
    "apps.foundation.jobs",
    "apps.foundation.notifications",
    "apps.foundation.web",
    "apps.settings",
    "apps.core.patients",
    "apps.core.observations",
    "apps.core.triage",
    "apps.core.billing",
    "apps.core.care",
    "apps.fhir_transform",
    "apps.fhir_api",
    "apps.ecw_integration",
    "apps.mio_integration",
    "apps.ingestion",
    "apps.monitoring",
    "apps.portal",
    "vantrexia",
]

MIDDLEWARE = [
    "apps.foundation.web.middleware.ClientAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "apps.foundation.web.middleware.HeadersMiddleware",
    "apps.foundation.web.middleware.RequestIdMiddleware",
    "apps.foundation.web.middleware.MachineMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "apps.authentication.middleware.PersonMiddleware",
    "apps.authentication.middleware.ActorMiddleware",
    "apps.foundation.web.limits.RateLimitMiddleware",
    "apps.foundation.web.limits.BodyLimitMiddleware",
    "apps.core.patients.middleware.PanelMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

MACHINE_PATHS = ("/api/v1/ingestion/webhook/", "/api/v1/mio_integration/webhook/", "/livez", "/readyz")

ROOT_URLCONF = "vantrexia.urls"
WSGI_APPLICATION = "vantrexia.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
            "builtins": ["template_partials.templatetags.partials"],
        },
    },
]

# manage.py says so for the commands that change tables; everything else is the product's role (secure_database).
AS_OWNER = env.flag("DATABASE_AS_OWNER", default=False)
DATABASE_ROLE_BOUND = PRODUCTION and not AS_OWNER
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.database(
        "DATABASE_OWNER_URL" if AS_OWNER and env.text("DATABASE_OWNER_URL") else "DATABASE_URL",
        sqlite_file=VAR_DIR / "vantrexia.sqlite3",
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;",
    }
else:
    DATABASES["default"]["ENGINE"] = "apps.foundation.tenancy.postgresql"
    # Without JIT: compiling the board's statements takes longer than running them.
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c lock_timeout=20s -c jit=off"
DATABASES["default"]["CONN_MAX_AGE"] = env.number("DATABASE_CONN_MAX_AGE", default=600)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.redis_url("REDIS_URL")
CACHES: dict[str, dict[str, Any]] = {
    "default": (
        {
            "BACKEND": "apps.foundation.encryption.caches.SealedRedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "vantrexia",
        }
        if REDIS_URL
        else {
            "BACKEND": "apps.foundation.encryption.caches.SealedDatabaseCache",
            "LOCATION": "vantrexia_cache",
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        }
    )
}

HUEY: dict[str, Any] = {
    "name": "vantrexia",
    "immediate": False,
    "results": False,
    "utc": True,
    **(
        {"huey_class": "huey.RedisHuey", "connection": {"url": REDIS_URL}}
        if REDIS_URL
        else {"huey_class": "huey.SqliteHuey", "connection": {"filename": str(VAR_DIR / "bell.sqlite3")}}
    ),
}

AUTH_USER_MODEL = "authentication.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "full_name", "email")},
    },
    {"NAME": "apps.authentication.passwords.PracticeRuleValidator"},
    {"NAME": "apps.authentication.passwords.KnownPasswordValidator"},
    {"NAME": "apps.authentication.passwords.ContextWordsValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "apps.authentication.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
# Failures are counted in the database, for every way in alike; a whole practice may sign in from one address at eight.
ACCOUNT_RATE_LIMITS = {"login_failed": None, "login": "120/m/ip", "change_password": "30/m/user"}

# What holds in a practice that has not chosen: staff need a second factor wherever real patients are.
SECOND_FACTOR_REQUIRED = env.flag("SECOND_FACTOR_REQUIRED", default=PRODUCTION)
IDLE_TIMEOUT_SECONDS = 30 * 60
IDLE_WARNING_SECONDS = 28 * 60
SESSION_ENGINE = "apps.authentication.session_store"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
PASSWORD_RESET_TIMEOUT = 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = env.flag("SECURE_COOKIES", default=PRODUCTION)
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
if SESSION_COOKIE_SECURE:
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "apps.foundation.web.errors.csrf_failure"

SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=PRODUCTION)
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
BEHIND_PROXY = env.flag("BEHIND_PROXY", default=PRODUCTION)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# A list of browsers that ask for HTTPS unasked binds the whole domain: its owner enters it, no product.
# SQLite leaves out what an index carries besides its key, and loses nothing but speed.
SILENCED_SYSTEM_CHECKS = ["security.W021", "models.W040"]
_NOT_NEEDED = ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "usb")
HEADERS_EVERYWHERE = {
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _NOT_NEEDED),
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": X_FRAME_OPTIONS,
}
SECURITY_CONTACT = env.words("SECURITY_CONTACT")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
# A file of patients never touches the disk: what does not fit into memory is not taken.
FILE_UPLOAD_MAX_MEMORY_SIZE = DATA_UPLOAD_MAX_MEMORY_SIZE + 65_536
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]

LANGUAGE_CODE = "en-us"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "vantrexia.formats"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = SESSION_COOKIE_SECURE
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if env.flag("STATIC_MANIFEST", default=PRODUCTION)
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION

DJANGO_TABLES2_TEMPLATE = "components/table.html"
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.authentication.header.HeaderAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["apps.foundation.web.wire.JsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.foundation.web.wire.JsonParser"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "apps.foundation.web.problems.problem_response",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Vantrexia API",
    "DESCRIPTION": (
        "Times are ISO 8601 in UTC. Unknown fields and parameters are refused by name. Refusals are problem details "
        "(RFC 9457) and never repeat a value. Every answer about a patient is recorded in the audit log."
    ),
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "PatientStatusEnum": ["active", "archived"],
        "AskedStatusEnum": ["active", "archived", "all"],
    },
    "PREPROCESSING_HOOKS": ["apps.foundation.web.openapi.without_aliases"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "apps.foundation.web.openapi.refusals_everywhere",
    ],
}

# Requests a minute: of a person wherever they sit, of an address for everybody else. The webhook has its own below.
RATE_LIMIT_PER_MINUTE = env.number("RATE_LIMIT_PER_MINUTE", default=100)
# The board asks once a second by itself; two of them and a second screen fit.
RATE_LIMIT_POLLS_PER_MINUTE = env.number("RATE_LIMIT_POLLS_PER_MINUTE", default=240)
POLLED_PATHS = ("/triage/changes/", "/notifications/bell/", "/patients/messages/count/")
_PANELS = ("score", "alerts", "trends", "wearer", "calls", "messages", "timer", "newest", "medications")
PANEL_PATHS = tuple(f"/{name}/" for name in _PANELS)

# Where a signed note of the audit chains' heads goes each day: better another machine's disk, or a bucket with a lock.
AUDIT_CHECKPOINT_DIR = env.text("AUDIT_CHECKPOINT_DIR", "" if PRODUCTION else str(VAR_DIR / "audit-checkpoints"))
AUDIT_CHECKPOINT_BUCKET = env.text("AUDIT_CHECKPOINT_BUCKET")
AUDIT_CHECKPOINT_ENDPOINT = env.text("AUDIT_CHECKPOINT_ENDPOINT")
# Public keys of checkpoints that a root key signed which is no longer configured.
AUDIT_CHECKPOINT_PUBLIC_KEYS = env.words("AUDIT_CHECKPOINT_PUBLIC_KEYS")

MIO_WEBHOOK_SECRETS = env.words("MIO_WEBHOOK_SECRETS", "" if PRODUCTION else DEVELOPMENT_WEBHOOK_SECRET)
MIO_WEBHOOK_MAX_BYTES = 256 * 1024
MIO_WEBHOOK_TOLERANCE_SECONDS = 300
MIO_WEBHOOK_REQUESTS_PER_MINUTE = env.number("MIO_WEBHOOK_REQUESTS_PER_MINUTE", default=60_000)
WORK_LEASE_SECONDS = env.number("WORK_LEASE_SECONDS", default=60)

# What follows these in an address is a secret of its own.
SECRET_PATHS = ("/account/password/reset/key/",)
# What an event of the log may say beside its name: words and numbers of ours, and random ids.
LOGGED_KEYS = (
    *("event", "level", "logger", "attempts", "channel", "check", "count", "error", "hint", "job", "kind", "patient"),
    *("recipient", "reference", "role", "row", "state", "sweeps", "table", "threads", "urgency"),
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
            "foreign_pre_chain": [
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
        }
    },
    "filters": {"without_query": {"()": "apps.foundation.web.logs.QueryScrubber", "secret_paths": SECRET_PATHS}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_query"]},
    },
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.db.backends": {"level": "WARNING"},
        "django.server": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "huey": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
    },
}
structlog.configure(
    processors=[
        KnownKeys(*LOGGED_KEYS),
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
