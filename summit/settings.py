"""Settings, read from the environment. ``DEBUG=1`` is development; anything else must be configured."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
env.read_env(str(BASE_DIR / ".env"), recurse=False)

# A development server needs no configuration; whatever faces people does.
DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "development-only" if DEBUG else "")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"] if DEBUG else [])
PLAIN_HTTP = env.bool("PLAIN_HTTP", DEBUG)
PRODUCTION = env.bool("PRODUCTION", not DEBUG)

if PRODUCTION:
    if DEBUG:
        raise ImproperlyConfigured("PRODUCTION=1 and DEBUG=1 exclude each other: unset DEBUG.")
    if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5:
        raise ImproperlyConfigured(
            "Set SECRET_KEY to at least 50 random characters, or DEBUG=1 for development."
        )
    if not ALLOWED_HOSTS or any(host.strip() == "*" for host in ALLOWED_HOSTS):
        raise ImproperlyConfigured(
            "Set ALLOWED_HOSTS to the names this server answers to, comma-separated; '*' is refused."
        )

INSTALLED_APPS = [
    "annotations.apps.AnnotationsConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django_htmx",
    "django_filters",
    "simple_history",
    "import_export",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "annotations.access.LoginRequiredMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "summit.urls"
WSGI_APPLICATION = "summit.wsgi.application"
ASGI_APPLICATION = "summit.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Database: SQLite embedded, PostgreSQL for teams -----------------------------------------------
SQLITE_OPTIONS: dict[str, Any] = {
    # A read-then-write transaction must hold the write lock from its start, or it fails under load.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;"
        "PRAGMA temp_store=MEMORY;PRAGMA cache_size=-20000;PRAGMA journal_size_limit=67108864;"
    ),
}
POSTGRESQL_OPTIONS: dict[str, Any] = {
    "pool": {"min_size": 1, "max_size": env.int("DATABASE_POOL", 8), "timeout": 10},
}
# What every request asks is planned no more by a connection that has sent it a few times (``planned_once``).
# A pooler in transaction mode gives each transaction another connection, which does not know the plan.
if env.bool("DATABASE_PREPARED", True):
    POSTGRESQL_OPTIONS["prepare_threshold"] = 5
VAR = BASE_DIR / "var"
DATABASE_URL = env.str("DATABASE_URL", f"sqlite:///{VAR / 'summit.sqlite3'}")
DATABASES: dict[str, Any] = {"default": dict(dj_database_url.parse(DATABASE_URL))}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    VAR.mkdir(exist_ok=True)
    DATABASES["default"].update(OPTIONS=SQLITE_OPTIONS, CONN_MAX_AGE=None)
    # A file, not memory: the browser tests' server threads need connections of their own.
    DATABASES["default"]["TEST"] = {"NAME": env.str("TEST_DATABASE", str(VAR / "test.sqlite3"))}
else:
    DATABASES["default"].setdefault("OPTIONS", {}).update(POSTGRESQL_OPTIONS)
    DATABASES["default"]["CONN_MAX_AGE"] = 0

# --- People ------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "annotations.User"
SESSION_ENGINE = "annotations.sessions"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "annotations.permissions.SummitBackend",
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "study-list"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# Name and address together: by name alone a stranger could lock a person out.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = env.int("LOGIN_ATTEMPTS", 5)
AXES_COOLOFF_TIME = 0.25
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "annotations.permissions.login_name"
AXES_CLIENT_IP_CALLABLE = "annotations.permissions.client_address"
# How many proxies stand in front whose X-Forwarded-For is believed.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)
AXES_LOCKOUT_TEMPLATE = "registration/locked_out.html"
AXES_ENABLE_ADMIN = False

# --- Safety ------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = not PLAIN_HTTP
# JavaScript reads the token from the cookie at request time: login rotates it under other tabs.
CSRF_COOKIE_HTTPONLY = False
CSRF_FAILURE_VIEW = "annotations.views.errors.csrf_failure"
SECURE_HSTS_SECONDS = 0 if PLAIN_HTTP else env.int("HSTS_SECONDS", 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS > 0
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
# The header by which a proxy says that the browser came by TLS, e.g. X-Forwarded-Proto.
if PROXY_TLS_HEADER := env.str("PROXY_TLS_HEADER", ""):
    SECURE_PROXY_SSL_HEADER = ("HTTP_" + PROXY_TLS_HEADER.upper().replace("-", "_"), "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = False  # Summit has its own formula guard, which loses nothing.

# --- Language and time -----------------------------------------------------------------------------
LANGUAGE_CODE = env.str("LANGUAGE_CODE", "en")
LANGUAGES = [("en", "English")]
TIME_ZONE = env.str("TIME_ZONE", "UTC")
USE_I18N = True
USE_TZ = True
LOCALE_PATHS = [BASE_DIR / "annotations" / "locale"]

# --- Static files ----------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# In development files are served from where they lie; production serves what collectstatic gathered.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not PRODUCTION
STATICFILES_BACKEND = (
    "whitenoise.storage.CompressedManifestStaticFilesStorage"
    if PRODUCTION
    else "django.contrib.staticfiles.storage.StaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": STATICFILES_BACKEND},
}

# --- Logs: to stdout, one line each, without quotes or notes -----------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": sys.stdout, "formatter": "line"}},
    "root": {"handlers": ["stdout"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": ["stdout"], "level": "INFO", "propagate": False},
        # A refusal is an answer, not a fault: its traceback would bury the faults.
        "django.request": {"level": "ERROR"},
        # Never at DEBUG: it prints the parameters of queries, and so quotes and notes.
        "django.db.backends": {"level": "INFO"},
        "axes": {"level": "WARNING"},
    },
}
