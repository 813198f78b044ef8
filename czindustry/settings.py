"""All settings, from the environment; every default is the one for a machine of one's own.

Read from the environment:

=========================  ======================================================================
DATABASE_URL               postgres://user:password@host:port/name; default: a PostgreSQL of its own
DATABASE_REPLICA_URLS      streaming replicas of it, with commas: pages and the API read from them
CZINDUSTRY_REPLICA_LAG     by how many seconds a replica may be behind before it is left out; default 10
CZINDUSTRY_VAR             folder for that database, the key and the collected files; default var/
CZINDUSTRY_SECRET_KEY      default: made once and kept in the folder above
CZINDUSTRY_HOSTS           host names that the site answers to, with commas; default localhost,127.0.0.1
CZINDUSTRY_HTTPS           1 when the site is reached by https only (behind a proxy that says so)
CZINDUSTRY_DEBUG           1 for Django's debug pages; never where others can reach the site
CZINDUSTRY_POOL            connections that one process may hold; default 12
CZINDUSTRY_PRAISE          the colour of praise, green (default) or red; the other is that of alarm
CZINDUSTRY_FOUR_EYES       1 when nobody's own entry of a title counts before another person has confirmed it
CZINDUSTRY_API_RATE        requests that one token may make in a minute; default 600
CZINDUSTRY_SECOND_FACTOR   who must give a code besides the password: administrators (default), all, nobody
CZINDUSTRY_OIDC            address of the office's one sign-in (OpenID Connect); without it, passwords only
CZINDUSTRY_OIDC_CLIENT     the name and, in CZINDUSTRY_OIDC_SECRET, the secret by which it knows this site
CZINDUSTRY_OIDC_CLAIM      where it tells the user name; default preferred_username
CZINDUSTRY_IDLE_MINUTES    after how long without a sign of the person a session ends; default 30
CZINDUSTRY_SESSION_HOURS   after how long it ends at all; default 12
CZINDUSTRY_PASSWORD_DAYS   how long a password is good for; default 90, 0 for ever
CZINDUSTRY_LOCK_MINUTES    how long five wrong passwords lock an account; default 15
CZINDUSTRY_PROXIES         how many proxies of ours stand before the site and say where a request came from; default 0
CZINDUSTRY_TRAIL_DAYS      how long the audit trail is kept in the database; default 400, and no less
CZINDUSTRY_PREPARE         0 where a pooler between site and database does not know prepared statements
CZINDUSTRY_BACKUPS         folder for a backup each night at half past two; none is made without it
CZINDUSTRY_BACKUPS_KEPT    how many of them stay there; default 14
CZINDUSTRY_BACKUP_KEY      public key of age (age1…) for which backups are encrypted
CZINDUSTRY_WAL             folder in which all that the database writes is kept: any moment can then be restored
CZINDUSTRY_LOG             text (default) or json: one object a line, for machines
CZINDUSTRY_METRICS_FROM    addresses that may read /metrics, with commas; default 127.0.0.1,::1
CZINDUSTRY_WEBHOOKS_TO_THIS_SERVER  1 for trying webhooks out with a receiver on the same machine
CZINDUSTRY_REDIS_URL       redis://host:port/number: the processes share their answers there, not in a table
=========================  ======================================================================
"""

import datetime as dt
import os
import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import environ
import pghistory
import pgtrigger
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from whitenoise.compress import Compressor

from czindustry.security import headers

env = environ.Env()


def number(name: str, default: int, least: int = 0) -> int:
    """A whole number from the environment; one that is none, or too small, keeps the site from starting."""
    try:
        found: int = env.int(name, default)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {env.str(name)!r}: write a whole number.") from None
    if found < least:
        raise ImproperlyConfigured(f"{name} is {found}: write {least} or more.")
    return found


def switch(name: str, default: bool = False) -> bool:
    """1 or 0 from the environment; a mistyped switch must not be taken for off."""
    given = env.str(name, "").strip().lower()
    if given not in ("", "0", "1", "true", "false", "on", "off", "yes", "no"):
        raise ImproperlyConfigured(f"{name} is {given!r}: write 1 or 0.")
    return given in ("1", "true", "on", "yes") if given else default


def check_names(known: str) -> None:
    """A setting that was mistyped would be silently left out: the site does not start with one that it does not know."""
    unknown = sorted(
        name for name in os.environ if name.startswith("CZINDUSTRY_") and not re.search(rf"\b{name}\b", known)
    )
    if unknown:
        raise ImproperlyConfigured(
            f"{', '.join(unknown)} is no setting of czindustry: those that there are stand in czindustry/settings.py."
        )


check_names(__doc__)

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
DEBUG = switch("CZINDUSTRY_DEBUG", False)
ALLOWED_HOSTS = env.list("CZINDUSTRY_HOSTS", default=["localhost", "127.0.0.1"])

HTTPS = switch("CZINDUSTRY_HTTPS", False)
SECURE_SSL_REDIRECT = HTTPS
# Only behind a proxy that sets this header itself; otherwise anybody could claim to come by https.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if HTTPS else []
CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
# An office's computer is shared.
SESSION_HOURS = number("CZINDUSTRY_SESSION_HOURS", 12)
IDLE_MINUTES = number("CZINDUSTRY_IDLE_MINUTES", 30)
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
PROXIES = number("CZINDUSTRY_PROXIES", 0)
SECOND_FACTOR = env.str("CZINDUSTRY_SECOND_FACTOR", "administrators")
if SECOND_FACTOR not in ("administrators", "all", "nobody"):
    raise ImproperlyConfigured(
        f"CZINDUSTRY_SECOND_FACTOR is {SECOND_FACTOR!r}: write administrators, all or nobody."
    )
OIDC = {
    "ISSUER": env.str("CZINDUSTRY_OIDC", ""),
    "CLIENT": env.str("CZINDUSTRY_OIDC_CLIENT", ""),
    "SECRET": env.str("CZINDUSTRY_OIDC_SECRET", ""),
    "CLAIM": env.str("CZINDUSTRY_OIDC_CLAIM", "preferred_username"),
}
if OIDC["ISSUER"] and not (OIDC["CLIENT"] and OIDC["SECRET"]):
    raise ImproperlyConfigured(
        "CZINDUSTRY_OIDC needs CZINDUSTRY_OIDC_CLIENT and CZINDUSTRY_OIDC_SECRET as well."
    )
OTP_TOTP_ISSUER = "czindustry"
TRAIL_DAYS = number("CZINDUSTRY_TRAIL_DAYS", 400, least=400)
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {"DIRECTIVES": headers.PAGES}

AUTH_USER_MODEL = "registry.User"
RIGHTS_BACKEND = "czindustry.rights.RoleBackend"
# The first one lets nobody in: it keeps out who is locked.
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", RIGHTS_BACKEND]
# Five wrong passwords lock an account, and fifty the address that they come from: an office may have only one.
AXES_FAILURE_LIMIT = 5
FAILURES_OF_AN_ADDRESS = 50
AXES_COOLOFF_TIME = dt.timedelta(minutes=number("CZINDUSTRY_LOCK_MINUTES", 15))
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_HANDLER = "czindustry.security.lockout.Lockout"
AXES_CLIENT_IP_CALLABLE = "czindustry.security.addresses.address_of"
AXES_LOCKOUT_CALLABLE = "czindustry.signin.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# The trail tells of sign-ins, to those who may read it.
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
LOGIN_URL = "signin"
LOGIN_REDIRECT_URL = "reports:overview"
LOGOUT_REDIRECT_URL = "signin"
# What an area sends in, the city always checks; with this also what people of the city enter by hand or by list.
FOUR_EYES = switch("CZINDUSTRY_FOUR_EYES", False)
# In some offices red is praise, in others alarm. No state is told by its colour alone.
PRAISE = env.str("CZINDUSTRY_PRAISE", "green")
if PRAISE not in ("green", "red"):
    raise ImproperlyConfigured(f"CZINDUSTRY_PRAISE is {PRAISE!r}: write green or red.")

PASSWORDS_REMEMBERED = 5
PASSWORD_DAYS = number("CZINDUSTRY_PASSWORD_DAYS", 90)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "czindustry.security.passwords.Classes", "OPTIONS": {"least": 3}},
    {"NAME": "czindustry.security.passwords.NotUsedLately", "OPTIONS": {"last": PASSWORDS_REMEMBERED}},
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
    "procrastinate.contrib.django",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "registry",
    "targets",
    "czindustry.security",
    "czindustry",
]

MIDDLEWARE = [
    "czindustry.security.addresses.OriginMiddleware",
    "czindustry.probes.ProbesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "czindustry.security.headers.HeadersMiddleware",
    "czindustry.language.LanguageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    # Every page is for people who are signed in, unless it says otherwise; the API decides for itself.
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "czindustry.security.sessions.SessionLimitsMiddleware",
    "czindustry.security.second_factor.SecondFactorMiddleware",
    "czindustry.signin.PasswordChangeMiddleware",
    "czindustry.signin.FactsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Who did it, for the history that the triggers write.
    "czindustry.security.trail.HistoryMiddleware",
    "czindustry.security.trail.HandedOutMiddleware",
    "axes.middleware.AxesMiddleware",
]
REPLICA_LAG = number("CZINDUSTRY_REPLICA_LAG", 10, least=1)
REPLICA_URLS = env.list("DATABASE_REPLICA_URLS", default=[])
if REPLICA_URLS:
    # innermost: what it chooses is for the view alone
    MIDDLEWARE.append("czindustry.replicas.ReplicaMiddleware")

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

# The engine `czindustry.postgresql` starts the embedded server at the first connection, hence no host here.
EMBEDDED: dict[str, Any] = {"ENGINE": "czindustry.postgresql", "NAME": "czindustry"}


def database(address: str, *, patience: int = 10) -> dict[str, Any]:
    """One that is named by an address, or the embedded one; `patience` is for a connection, in seconds."""
    given = environ.Env.db_url_config(address) if address else EMBEDDED
    if not given.get("ENGINE", "").endswith("postgresql") or not given.get("NAME"):
        raise ImproperlyConfigured(
            "DATABASE_URL and DATABASE_REPLICA_URLS: write postgres://user:password@host:port/name."
        )
    return {
        **given,
        "ENGINE": "czindustry.pooled" if address else given["ENGINE"],
        # A socket's folder is written with %2F in an address.
        "HOST": unquote(given.get("HOST", "")),
        # Connections outlive requests in the pool; Django asks for age 0 beside one.
        "CONN_MAX_AGE": 0,
        # Both engines of ours look at a connection before it is used, without a statement.
        "CONN_HEALTH_CHECKS": False,
        "OPTIONS": {
            "pool": {"min_size": 1, "max_size": number("CZINDUSTRY_POOL", 12), "timeout": patience},
            # The history's triggers get the person through the text of the statement.
            "server_side_binding": False,
            # For registry.prepared; a pooler between site and server may not know prepared statements.
            "prepare_threshold": 5 if switch("CZINDUSTRY_PREPARE", True) else None,
            **given.get("OPTIONS", {}),
        },
    }


REPLICAS = {
    # where one does not answer there is another
    f"replica{place}": database(address, patience=2)
    for place, address in enumerate(REPLICA_URLS, 1)
}
DATABASES = {"default": database(env.str("DATABASE_URL", "")), **REPLICAS}
DATABASE_ROUTERS = ["czindustry.replicas.Router"] if REPLICAS else []
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Once a statement instead of once a row: the same history for a ninth of the time on bulk writes.
PGHISTORY_LEVEL = pgtrigger.Statement
# The tables of events are found by the row that they tell of; an index on each foreign key only costs time.
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(db_index=False)
# When it was written, not when its transaction began: a long import is not known before it is there.
PGHISTORY_CREATED_AT_FUNCTION = "clock_timestamp()"

# Answers: remembered readings, see targets.measure.memory
#
# In Redis (wants the extra `redis` of pyproject.toml) they are stored as Python's pickles: name none that others can
# write to. There they leave after a month, and before that by its own `maxmemory-policy allkeys-lru`.

TABLE: dict[str, Any] = {
    "BACKEND": "czindustry.answers.AnswerTable",
    "LOCATION": "czindustry_answers",
    "TIMEOUT": None,
    "OPTIONS": {"MAX_ENTRIES": 20_000},
}
REDIS: dict[str, Any] = {
    "BACKEND": "czindustry.answers.AnswerRedis",
    "LOCATION": env.str("CZINDUSTRY_REDIS_URL", ""),
    "KEY_PREFIX": "czindustry",
    "TIMEOUT": 30 * 24 * 3600,
    "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
}
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "answers": REDIS if REDIS["LOCATION"] else TABLE,
}
# How many readings each process keeps besides: fifty days of all targets.
ANSWERS_IN_PROCESS = 5_000
# And facts as columns to count, in bytes; a city's take some fifty million, and as many as they were known on a day.
COLUMNS_IN_PROCESS = 250_000_000

# Language and time

# A middleware of ours in place of Django's: what the browser is set to says nothing of who reads.
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "czindustry_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "czindustry" / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# Operation: probes, numbers, logs

BACKUPS = env.str("CZINDUSTRY_BACKUPS", "")
BACKUPS_KEPT = number("CZINDUSTRY_BACKUPS_KEPT", 14, least=1)
BACKUP_KEY = env.str("CZINDUSTRY_BACKUP_KEY", "")
WAL = env.str("CZINDUSTRY_WAL", "")
METRICS_FROM = env.list("CZINDUSTRY_METRICS_FROM", default=["127.0.0.1", "::1"])
# Set by what starts several processes, for whom the numbers are added up.
METRICS_FOLDER = env.str("PROMETHEUS_MULTIPROC_DIR", "")
LOG = env.str("CZINDUSTRY_LOG", "text")
if LOG not in ("text", "json"):
    raise ImproperlyConfigured(f"CZINDUSTRY_LOG is {LOG!r}: write text or json.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"number": {"()": "czindustry.logs.NumberFilter"}},
    "formatters": {
        "json": {"()": "czindustry.logs.JsonFormatter"},
        "text": {
            "style": "{",
            "format": "{asctime} {levelname} {name} [{request_number}] {message}",
        },
    },
    "handlers": {
        "nowhere": {"class": "logging.NullHandler"},
        "stderr": {"class": "logging.StreamHandler", "filters": ["number"], "formatter": LOG},
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "czindustry.requests": {"level": "INFO" if LOG == "json" else "WARNING"},
        # ours goes to the root's handler, with the number of the request
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.request": {"level": "ERROR"},
        # what is refused is told to who asked
        "django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False},
    },
}

# Static files

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# All pages name files with the digest of their content.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# The maps of others' programs are for who looks for faults in them: to compress them takes as long as all the rest.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")

# API

REST_FRAMEWORK = {
    # Programs by their tokens, people by the session in which they read the pages; no passwords with each request.
    # Tokens first: who is not signed in is told how (401), instead of being refused for good (403).
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "registry.api.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["registry.api.permissions.SignedIn"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "registry.api.pagination.Keyset",
    "DEFAULT_THROTTLE_CLASSES": ["registry.api.throttles.TokenThrottle"],
    "EXCEPTION_HANDLER": "registry.api.problems.answer",
    "DEFAULT_PARSER_CLASSES": ["registry.api.bodies.ExactJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["registry.rendering.Json"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
# Ten thousand rows with all they can say; files are uploaded past this.
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 2**20
# Whether changes may be sent to this server itself (变动推送): for trying out alone.
WEBHOOKS_TO_THIS_SERVER = switch("CZINDUSTRY_WEBHOOKS_TO_THIS_SERVER", False)
# How many requests one token may make in a minute, in all web processes together.
API_TOKEN_RATE = number("CZINDUSTRY_API_RATE", 600)
SPECTACULAR_SETTINGS = {
    "TITLE": _("Changzhou industry register"),
    "VERSION": "1",
    "DESCRIPTION": _(
        "Enterprises, titles and figures of the industrial plan, and how far its targets are. Numbers are "
        "strings in full, absent is null, days are ISO dates. Lists come in pages: follow `next`."
    ),
    "OAS_VERSION": "3.1.0",
    "WEBHOOKS": ["registry.api.feed.WEBHOOK"],
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["registry.api.permissions.SignedIn"],
    # Words that several lists share under one field name.
    "ENUM_NAME_OVERRIDES": {
        "Level": "registry.choices.Level",
        "ClusterKind": "registry.choices.ClusterKind",
        "Written": "registry.writing.Outcome",
        "ReviewOutcome": "registry.choices.ReviewOutcome",
        "RosterKind": "registry.choices.RosterKind",
        "DesignationState": "registry.choices.DesignationState",
        "MilestoneState": "targets.choices.MilestoneState",
        "TargetState": "targets.choices.State",
        "Exclusion": "targets.choices.Exclusion",
        "NotCompared": "targets.choices.NotCompared",
        "BulletinKind": "targets.choices.BulletinKind",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "registry.api.schema.optional_fields",
        "registry.api.schema.included_rows",
        "registry.api.schema.tables_besides",
        "registry.api.schema.examples_of_rows",
        "targets.api.schema.examples_of_rows",
        "registry.api.schema.problem_responses",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# Admin

UNFOLD = {
    "SITE_TITLE": "常州产业登记册",
    "SITE_HEADER": "常州产业登记册",
    "SITE_SYMBOL": "factory",
    "SITE_URL": "/",
    "SHOW_HISTORY": True,
    "DASHBOARD_CALLBACK": "czindustry.desk.desk",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "czindustry.navigation.favicon"}],
    "STYLES": ["czindustry.navigation.style"],
    "SIDEBAR": {"show_search": True, "navigation": "czindustry.navigation.navigation"},
    # A calm blue; the states of targets have colours of their own.
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 254.604)",
            "100": "oklch(93.2% .032 255.585)",
            "200": "oklch(88.2% .059 254.128)",
            "300": "oklch(80.9% .105 251.813)",
            "400": "oklch(70.7% .165 254.624)",
            "500": "oklch(62.3% .214 259.815)",
            "600": "oklch(54.6% .245 262.881)",
            "700": "oklch(48.8% .243 264.376)",
            "800": "oklch(42.4% .199 265.638)",
            "900": "oklch(37.9% .146 265.522)",
            "950": "oklch(28.2% .091 267.935)",
        },
    },
}
