"""All settings, read from the environment once; nonsense is refused at start with the name of the variable.

AMLWEB_DATA_DIR     where database, snapshots, logs, outputs and keys live (default: var/ beside manage.py)
AMLWEB_MODE         "single" (one person, the local target is on) or "team" (it is off until an administrator acts)
AMLWEB_HOST, AMLWEB_PORT, AMLWEB_URL   where the web process listens; the address in people's browsers
AMLWEB_SECRET_KEY   Django's secret key; kept in the data folder when not given
AMLWEB_KEY_FILE     the keys that credentials and secret variables are encrypted with
AMLWEB_SOURCE_ROOTS folders, separated by ":", below which projects may be imported from
AMLWEB_ADMIN_PASSWORD   the password that the first administrator gets; random when not given
AMLWEB_DEBUG        "1" for Django's debug pages
AMLWEB_CHANNEL_ALIAS, AMLWEB_CHANNEL_MAP   where conda channels are, and other addresses for some of their names (JSON)
AMLWEB_PIP_INDEX, AMLWEB_PIP_EXTRA_INDEXES the index of Python packages, and further ones separated by spaces
AMLWEB_CA_BUNDLE, AMLWEB_PROXY   for package sources behind a company's own certificate or proxy
AMLWEB_ENVIRONMENT_PYTHON   the Python of environments whose project names none
DATABASE_URL        PostgreSQL instead of SQLite
REDIS_URL           Redis for the task queue and the cache
"""

import os
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from amlweb.kept_secrets import kept_text, new_installation_id, new_secret_key
from amlweb.variables import (
    channels_in,
    environment_address,
    environment_choice,
    environment_number,
    host_in_url,
    networks_in,
    pip_index_in,
    pip_indexes_in,
)

BASE_DIR = Path(__file__).resolve().parent.parent

DATA_DIR = Path(os.environ.get("AMLWEB_DATA_DIR") or BASE_DIR / "var").absolute()
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
INSTALLATION_ID = kept_text(DATA_DIR / "installation_id", new_installation_id)  # 12 hexadecimal characters
MODE = environment_choice("AMLWEB_MODE", "single", ("single", "team"))
HOST = os.environ.get("AMLWEB_HOST", "127.0.0.1")
PORT = environment_number("AMLWEB_PORT", 8000, 1, 65535)
URL = os.environ.get("AMLWEB_URL", f"http://localhost:{PORT}").rstrip("/")
if urlsplit(URL).scheme not in ("http", "https") or not urlsplit(URL).hostname:
    raise ImproperlyConfigured(f"AMLWEB_URL is {URL!r}; it must look like https://lab.example or http://host:8000.")

SECRET_KEY = os.environ.get("AMLWEB_SECRET_KEY") or kept_text(DATA_DIR / "secret_key", new_secret_key)
KEY_FILE = Path(os.environ.get("AMLWEB_KEY_FILE") or DATA_DIR / "keys")
ADMIN_PASSWORD = os.environ.get("AMLWEB_ADMIN_PASSWORD", "")  # only for the first start; empty: a random one
DEBUG = environment_choice("AMLWEB_DEBUG", "0", ("0", "1")) == "1"

OWN_ORIGINS = sorted(
    {URL}
    | (
        {f"http://{name}:{PORT}" for name in ("localhost", "127.0.0.1", host_in_url(HOST))}
        if MODE == "single"
        else set()
    )
)
ALLOWED_HOSTS = sorted({host_in_url(urlsplit(origin).hostname or "") for origin in OWN_ORIGINS})
CSRF_TRUSTED_ORIGINS = OWN_ORIGINS

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "channels",
    "django_q",
    "django_htmx",
    "csp",
    "ninja",
    "projects",
    "computes",
    "runs",
    "amlweb",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "amlweb.urls"
ASGI_APPLICATION = "amlweb.asgi.application"

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

DATABASE_URL = os.environ.get("DATABASE_URL") or f"sqlite:///{DATA_DIR / 'amlweb.sqlite3'}"
DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=0)}
ON_SQLITE = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
if ON_SQLITE:
    # WAL lets readers go on while one writes; IMMEDIATE takes the write lock at BEGIN, so nothing is "locked" half-way.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = os.environ.get("REDIS_URL", "")
CACHE_TABLE = "amlweb_cache"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": f"amlweb-{INSTALLATION_ID}",
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": CACHE_TABLE}
}

TASK_WORKERS = environment_number("AMLWEB_TASK_WORKERS", 2, 1, 64)
# Measured: a task is delivered again when waiting plus running takes longer than `retry`, and failing tasks are
# repeated for ever unless acknowledged; so tasks are short nudges and these values are held by a system check.
Q_CLUSTER = {
    "name": f"amlweb-{INSTALLATION_ID}",  # several installations may share one Redis
    "workers": TASK_WORKERS,
    "queue_limit": TASK_WORKERS,
    "timeout": 60,
    "retry": 300,
    "max_attempts": 1,
    "ack_failures": True,
    "save_limit": -1,
    "catch_up": False,
    "bulk": 1,
    "poll": 0.5,
    "recycle": 2000,
    "label": "Tasks",
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default", "broker_class": "runs.waking_broker.WakingOrmBroker"}),
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "dashboard"
LOGOUT_REDIRECT_URL = "login"

LANGUAGE_CODE = "en"
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static", ("npm", BASE_DIR / "static_npm")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "amlweb.static_storage.HashedStaticFilesStorage"},
}

SECURE = urlsplit(URL).scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked over plain HTTP from beside the server
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
# Neighbours below the same domain, and browsers' preload lists, are not ours to decide about.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF, *(origin.replace("http", "ws", 1) for origin in OWN_ORIGINS)],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# What a project may hold, and what one run may leave behind. Bytes, files, seconds.
GIT_NETWORKS = networks_in("AMLWEB_GIT_NETWORKS")
SOURCE_ROOTS = [Path(root) for root in os.environ.get("AMLWEB_SOURCE_ROOTS", "").split(":") if root]
SNAPSHOT_MAX_FILES = environment_number("AMLWEB_SNAPSHOT_MAX_FILES", 20_000, 1, 10_000_000)
SNAPSHOT_MAX_FILE_BYTES = environment_number("AMLWEB_SNAPSHOT_MAX_FILE_BYTES", 200 * 1024**2, 1, 2**50)
SNAPSHOT_MAX_BYTES = environment_number("AMLWEB_SNAPSHOT_MAX_BYTES", 1024**3, 1, 2**50)
LOG_CAP_BYTES = environment_number("AMLWEB_LOG_CAP_BYTES", 2 * 1024**3, 1024, 2**50)
GRACE_SECONDS = environment_number("AMLWEB_GRACE_SECONDS", 30, 1, 3600)
FREE_SPACE_FLOOR_BYTES = environment_number("AMLWEB_FREE_SPACE_FLOOR_BYTES", 200 * 1024**2, 0, 2**50)
# A process is started again when `/readyz` has not called it alive for so long. `/readyz` itself waits 90 s for the
# workers' sign of life, so that a stuck cluster is replaced after three minutes.
LONGEST_SILENCE_SECONDS = environment_number("AMLWEB_LONGEST_SILENCE_SECONDS", 90, 30, 86_400)
SHARE_LINK_LONGEST_DAYS = environment_number("AMLWEB_SHARE_LINK_LONGEST_DAYS", 90, 1, 3650)

# Where the packages of environments come from. Logins may be in the addresses; they are never shown or logged.
CHANNEL_ALIAS = environment_address("AMLWEB_CHANNEL_ALIAS", "https://conda.anaconda.org")
CHANNEL_MAP = channels_in("AMLWEB_CHANNEL_MAP")
PIP_INDEX = pip_index_in("AMLWEB_PIP_INDEX")
PIP_EXTRA_INDEXES = pip_indexes_in("AMLWEB_PIP_EXTRA_INDEXES")
CA_BUNDLE = os.environ.get("AMLWEB_CA_BUNDLE", "")
if CA_BUNDLE and not Path(CA_BUNDLE).is_file():
    raise ImproperlyConfigured(f"AMLWEB_CA_BUNDLE is {CA_BUNDLE!r}; it must be a file of certificates.")
PROXY = environment_address("AMLWEB_PROXY", "")
PACKAGE_CACHE_DAYS = environment_number("AMLWEB_PACKAGE_CACHE_DAYS", 30, 1, 3650)
PACKAGE_CACHE_BYTES = environment_number("AMLWEB_PACKAGE_CACHE_BYTES", 20 * 1024**3, 0, 2**50)
TARGET_CACHE_DAYS = environment_number("AMLWEB_TARGET_CACHE_DAYS", 30, 1, 3650)
TARGET_CACHE_BYTES = environment_number("AMLWEB_TARGET_CACHE_BYTES", 20 * 1024**3, 0, 2**50)
# The most that may be sent to a cluster with every run.
PACKED_ENVIRONMENT_BYTES = environment_number("AMLWEB_PACKED_ENVIRONMENT_BYTES", 4 * 1024**3, 1, 2**50)
ENVIRONMENT_PYTHON = os.environ.get("AMLWEB_ENVIRONMENT_PYTHON", "3.11")
if not re.fullmatch(r"3\.[0-9]{1,2}(\.[0-9]{1,2})?", ENVIRONMENT_PYTHON):
    raise ImproperlyConfigured(f"AMLWEB_ENVIRONMENT_PYTHON is {ENVIRONMENT_PYTHON!r}; it must look like 3.11.")
ENVIRONMENT_BUILDER = [sys.executable, "-m", "computes.environments.builder"]

BLOB_DIR = DATA_DIR / "blobs"
PACKAGE_CACHE = DATA_DIR / "packages"
RUN_DIR = DATA_DIR / "runs"
SOCKET_DIR = DATA_DIR / "sockets"
TURN_DIR = DATA_DIR / "turns"
LOCAL_WORK_FOLDER = DATA_DIR / "work"
SAMPLE_PYTHON = DATA_DIR / "sample-python" / "bin" / "python"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {
        "mask_tokens": {"()": "runs.token_masking.TokenMaskingFilter"},
        "leave_out_routine": {"()": "amlweb.routine_answers.RoutineFilter"},
        "name_the_address": {"()": "amlweb.refused_hosts.RefusedHostFilter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["mask_tokens"]}},
    "root": {"handlers": ["console"], "level": os.environ.get("AMLWEB_LOG_LEVEL", "INFO")},
    "loggers": {
        "django.request": {"level": "ERROR", "filters": ["leave_out_routine"]},
        "django.security.DisallowedHost": {"filters": ["name_the_address"]},
        "django-q": {"level": "WARNING"},
    },
}
