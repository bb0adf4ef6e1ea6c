"""Django's settings, one file: every choice that differs between machines comes from an environment variable."""

import os
import tempfile
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from adminui.bootstrap import secret_key


def _flag(name: str) -> bool:
    return os.environ.get(name, "").lower() in {"1", "true", "yes", "on"}


def _words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("ADMINUI_VAR", BASE_DIR / "var"))
VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)  # the ledger holds customers' data
DEBUG = _flag("ADMINUI_DEBUG")
HTTPS = _flag("ADMINUI_HTTPS")
TESTING = "PYTEST_VERSION" in os.environ

SECRET_KEY = os.environ.get("ADMINUI_SECRET_KEY") or secret_key(VAR_DIR / "secret_key")
ALLOWED_HOSTS = _words("ADMINUI_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = _words("ADMINUI_ORIGINS")
ADMINUI_CONNECTIONS = Path(os.environ.get("ADMINUI_CONNECTIONS", BASE_DIR / "connections.toml"))
# Seconds a silent worker keeps its run: longer than any call lasts, so that a dead one's request has landed or failed.
ADMINUI_LEASE = float(os.environ.get("ADMINUI_LEASE", "150"))
# The private networks an API may be in; all of them when unset. Link-local addresses never are.
ADMINUI_ALLOW_NETWORKS = tuple(_words("ADMINUI_ALLOW_NETWORKS"))
ADMINUI_DEADLINE = float(os.environ.get("ADMINUI_DEADLINE", "60"))  # seconds one call to an API may take in all
# Seconds after a call that broke off until what is read counts: a server may finish what nobody waits for any more.
ADMINUI_SETTLE = float(os.environ.get("ADMINUI_SETTLE", "0.05" if TESTING else "5"))
# Seconds until the second look at what was stored, where rules of the API may change it again; 0: no second look.
ADMINUI_SECOND_LOOK = float(os.environ.get("ADMINUI_SECOND_LOOK", "0" if TESTING else "3"))
# Who tells workers that a run waits: nobody, they look by themselves; or an engine, "procrastinate" or "celery".
ADMINUI_WAKE = os.environ.get("ADMINUI_WAKE", "")
if ADMINUI_WAKE not in ("", "procrastinate", "celery"):
    raise ImproperlyConfigured(f"ADMINUI_WAKE is procrastinate, celery or nothing, not {ADMINUI_WAKE!r}.")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "adminui",
    "adminui.staff",
    "adminui.connections",
    "adminui.runs",
    "adminui.worksheets",
    "adminui.web",
]

MIDDLEWARE = [
    "adminui.web.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "adminui.web.middleware.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "adminui.web.middleware.PrivateMiddleware",  # behind the static files, which anybody may keep
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "adminui.web.middleware.SignedInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "adminui.web.refusals.RefusalMiddleware",
]

ROOT_URLCONF = "adminui.urls"
WSGI_APPLICATION = "adminui.wsgi.application"

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
                "adminui.web.frame.frame",
            ],
        },
    },
]


def _database() -> dict[str, Any]:
    url = os.environ.get("DATABASE_URL") or f"sqlite:///{VAR_DIR.resolve() / 'adminui.sqlite3'}"
    database: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    if database["ENGINE"].endswith("sqlite3"):
        database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
        # A file of its own for each test process: threads then have real connections, and two runs never meet.
        database["TEST"] = {"NAME": str(Path(tempfile.gettempdir()) / f"adminui-test-{os.getpid()}.sqlite3")}
    return database


DATABASES = {"default": _database()}

if ADMINUI_WAKE == "procrastinate":
    if not DATABASES["default"]["ENGINE"].endswith("postgresql"):
        raise ImproperlyConfigured("ADMINUI_WAKE=procrastinate needs PostgreSQL: set DATABASE_URL, or leave it out.")
    INSTALLED_APPS.append("procrastinate.contrib.django")
    PROCRASTINATE_IMPORT_PATHS = ["adminui.engines.procrastinate"]
    # Asked to end, it gives up its runs between two requests; the next worker goes on with them.
    PROCRASTINATE_WORKER_DEFAULTS = {"delete_jobs": "successful", "shutdown_graceful_timeout": 1}
CELERY_BROKER_URL = os.environ.get("ADMINUI_BROKER", "redis://127.0.0.1:6379/0")
CELERY_TASK_DEFAULT_QUEUE = "adminui"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_POOL, CELERY_WORKER_CONCURRENCY = "threads", 4  # runs wait for an API; one process shares its lanes
CELERY_BEAT_SCHEDULE = {"sweep": {"task": "adminui.sweep", "schedule": 5.0, "options": {"expires": 5.0}}}

# Names of referenced records, mostly: Django's 300 entries would not hold one page's.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
_plain_static = DEBUG or TESTING
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = _plain_static
_static_storage = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
    if _plain_static
    else "adminui.web.storage.HashedStaticStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _static_storage},
}

LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "sign-in"
CSRF_FAILURE_VIEW = "adminui.web.errors.csrf_failure"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

SESSION_COOKIE_AGE = 14 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SAMESITE = "Lax"
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024

# The shape of Django 6's own setting, so that its middleware can take over from ours.
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "connect-src": ["'self'"],
    "img-src": ["'self'"],
    "font-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}
PERMISSIONS_POLICY = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"redact": {"()": "adminui.logs.RedactSecrets"}},
    "formatters": {"json": {"()": "adminui.logs.JsonFormatter"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "filters": ["redact"], "formatter": "json"},
    },
    "root": {"handlers": ["stderr"], "level": os.environ.get("ADMINUI_LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
    },
}
