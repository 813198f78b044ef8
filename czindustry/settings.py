"""All settings, from the environment; every default is the one for a machine of one's own.

Read from the environment:

=========================  ======================================================================
DATABASE_URL               postgres://user:password@host:port/name; default: a PostgreSQL of its own
CZINDUSTRY_VAR             folder for that database, the key and the collected files; default var/
CZINDUSTRY_SECRET_KEY      default: made once and kept in the folder above
CZINDUSTRY_HOSTS           host names that the site answers to, with commas; default localhost,127.0.0.1
CZINDUSTRY_HTTPS           1 when the site is reached by https only (behind a proxy that says so)
CZINDUSTRY_DEBUG           1 for Django's debug pages; never where others can reach the site
CZINDUSTRY_POOL            connections that one process may hold; default 12
=========================  ======================================================================
"""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import environ
import pghistory
import pgtrigger
from django.utils.translation import gettext_lazy as _

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("CZINDUSTRY_VAR", "") or BASE_DIR / "var").expanduser().resolve()


def kept_secret_key(folder: Path) -> str:
    """The key of this installation, made once. Linked into place, so that two first starts agree on one."""
    path = folder / "secret_key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f"secret_key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()


# Security

SECRET_KEY = env.str("CZINDUSTRY_SECRET_KEY", "") or kept_secret_key(VAR_DIR)
DEBUG = env.bool("CZINDUSTRY_DEBUG", False)
ALLOWED_HOSTS = env.list("CZINDUSTRY_HOSTS", default=["localhost", "127.0.0.1"])

HTTPS = env.bool("CZINDUSTRY_HTTPS", False)
SECURE_SSL_REDIRECT = HTTPS
# Only behind a proxy that sets this header itself; otherwise anybody could claim to come by https.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if HTTPS else []
CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
# A working day; an office's computer is shared.
SESSION_COOKIE_AGE = 10 * 3600
X_FRAME_OPTIONS = "SAMEORIGIN"

AUTH_USER_MODEL = "registry.User"
LOGIN_URL = "signin"
LOGIN_REDIRECT_URL = "reports:overview"
LOGOUT_REDIRECT_URL = "signin"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# Apps

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.inlines",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "pgtrigger",
    "pghistory",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "registry",
    "targets",
    "czindustry",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Every page is for people who are signed in, unless it says otherwise; the API decides for itself.
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "czindustry.signin.PasswordChangeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Who did it, for the history that the triggers write.
    "pghistory.middleware.HistoryMiddleware",
]

ROOT_URLCONF = "czindustry.urls"
WSGI_APPLICATION = "czindustry.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Before those of the apps: the site may overlay a page of the admin.
        "DIRS": [BASE_DIR / "czindustry" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "czindustry.context.site",
            ],
            "libraries": {"reports": "targets.reports.tags"},
        },
    },
]

# Database

# The engine of ours starts the embedded server at the first connection, hence no host here.
EMBEDDED: dict[str, Any] = {"ENGINE": "czindustry.postgresql", "NAME": "czindustry"}
GIVEN: dict[str, Any] = env.db_url("DATABASE_URL") if env.str("DATABASE_URL", "") else EMBEDDED
# A socket's folder is written with %2F in an address.
GIVEN["HOST"] = unquote(GIVEN.get("HOST", ""))
DATABASES = {
    "default": {
        **GIVEN,
        # Connections outlive requests in the pool; Django asks for age 0 beside one.
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "pool": {"min_size": 1, "max_size": env.int("CZINDUSTRY_POOL", 12), "timeout": 10},
            # The history's triggers get the person through the text of the statement.
            "server_side_binding": False,
            **GIVEN.get("OPTIONS", {}),
        },
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Once a statement instead of once a row: the same history for a ninth of the time on bulk writes.
PGHISTORY_LEVEL = pgtrigger.Statement
# The tables of events are found by the row that they tell of; an index on each foreign key only costs time.
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(db_index=False)
# When it was written, not when its transaction began: a long import is not known before it is there.
PGHISTORY_CREATED_AT_FUNCTION = "clock_timestamp()"

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Language and time

# No LocaleMiddleware: the city's terms are Chinese, and a browser set to English would get half of each.
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "czindustry" / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# Static files

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": _("Changzhou industry register"),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# Admin

UNFOLD = {
    "SITE_TITLE": _("Changzhou industry register"),
    "SITE_HEADER": _("Changzhou industry register"),
    "SITE_URL": "/",
    "SHOW_HISTORY": True,
}
