"""All settings, to be read from top to bottom. Where a value differs by mode, its line says so."""

import base64
import os
import secrets
from pathlib import Path
from typing import Any

import environ
from cryptography.fernet import Fernet
from django.utils.translation import gettext_lazy as _

from config.mode import BASE_DIR, DEMO_MARK, TEST_MARK, from_environment, key_file, var_dir

env = environ.Env()

# --- Mode and keys ---------------------------------------------------------------------------------------

MODE: str = os.environ.get("PRIVACY_DESK_MODE", "")
VAR_DIR: Path = var_dir()
DEBUG = False

KEY_MARKS_REFUSED_IN_PRODUCTION = (DEMO_MARK, TEST_MARK)


def key(name: str) -> str:
    """A key from ``NAME`` or the file ``NAME_FILE``; in demo from ``var/keys``; in test a fixed one; else ""."""
    if MODE == "test":
        raw = TEST_MARK + name.encode().ljust(28, b".")[:28]
        return (base64.urlsafe_b64encode if name == "FIELD_ENCRYPTION_KEY" else base64.b64encode)(raw).decode()
    if MODE == "demo":
        return key_file(name).read_text().strip() if key_file(name).exists() else ""
    return from_environment(name)


VAULT_KEYS: list[str] = [k.strip() for k in key("FIELD_ENCRYPTION_KEY").split(",") if k.strip()]
"""Fernet keys; the first one encrypts, all decrypt. Only ``customers.vault.keyring`` reads them."""
BLIND_INDEX_KEY: str = key("BLIND_INDEX_KEY")
CHECKPOINT_KEY: str = key("CHECKPOINT_KEY")
SECRET_KEY: str = key("SECRET_KEY") or secrets.token_urlsafe(32)
SECRET_KEY_IS_SET: bool = bool(key("SECRET_KEY"))

# django-encrypted-model-fields reads this once, at import, and encrypts with it wherever a subclass does not override
# it. It gets a random key that is not kept: a value encrypted by mistake that way can never be decrypted.
FIELD_ENCRYPTION_KEY: str = Fernet.generate_key().decode()

# --- Applications ----------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "config.apps.DeskAdminConfig",
    "config.apps.ConfigConfig",
    "customers",
    "consent",
    "disclosures",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "guardian",
    "simple_history",
]

MIDDLEWARE = [
    "config.middleware.headers.HeadersMiddleware",  # first, so that every answer passes it
    "config.middleware.access_log.AccessLogMiddleware",
    "config.middleware.loopback_only.LoopbackOnlyMiddleware",
    "config.middleware.healthz.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.session_keys.PlainSessionKeyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "config.middleware.session_limits.SessionLimitsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.middleware.refusals.RefusingMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Databases -------------------------------------------------------------------------------------------

SQLITE_OPTIONS: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
}


def database() -> dict[str, Any]:
    """Production: ``DATABASE_URL``. Test: ``TEST_DATABASE_URL`` or SQLite. Demo and unset: SQLite under ``var/``.

    In production ``DATABASE_PASSWORD`` may be set apart, so that the database can use the same secret file.
    """
    url = {"production": "DATABASE_URL", "test": "TEST_DATABASE_URL"}.get(MODE, "")
    configured_url = from_environment(url) if url else ""
    options: dict[str, Any] = env.db_url_config(configured_url or f"sqlite:///{VAR_DIR / 'privacy_desk.sqlite3'}")
    if MODE == "production" and (password := from_environment("DATABASE_PASSWORD")):
        options["PASSWORD"] = password
    options.update(ATOMIC_REQUESTS=False, AUTOCOMMIT=True)  # acts commit on their own, whatever options the URL has
    if options["ENGINE"].endswith("sqlite3"):
        options["OPTIONS"] = {**SQLITE_OPTIONS, **options.get("OPTIONS", {})}
    return options


DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "config.shared_cache.SharedCache", "LOCATION": "customers_sharedcache"}}
SERIALIZATION_MODULES = dict.fromkeys(("xml", "yaml"), "customers.vault.refused_dumps")

# --- People ----------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "customers.StaffMember"
AUTHENTICATION_BACKENDS = ["customers.permissions.backend.DeskBackend"]
ANONYMOUS_USER_NAME = None  # guardian: no account for anonymous users
GUARDIAN_MONKEY_PATCH_USER = GUARDIAN_MONKEY_PATCH_GROUP = False  # rights are written by acts only
PASSWORD_RESET_TIMEOUT = 24 * 3600  # how long a sign-in link works, in seconds
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]  # guardian's backend is not used: DeskBackend answers in its place
PASSWORD_HASHERS = ["customers.staff.passwords.StaffPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"

# --- Signing in: allauth's steps, our pages and records ------------------------------------------------------

SESSION_IDLE_MINUTES: int = env.int("SESSION_IDLE_MINUTES", default=15)
"""After how many minutes without a request a session ends."""
SESSION_HOURS: int = env.int("SESSION_HOURS", default=10)
"""After how many hours a session ends, even while it is in use."""
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
STEP_UP_MINUTES: int = env.int("STEP_UP_MINUTES", default=5)
"""How many minutes a second factor is fresh enough for service secrets, approvals, releases and exports."""
SIGN_IN_TRIES: int = env.int("SIGN_IN_TRIES", default=10)
"""How many wrong passwords or codes an account allows in 15 minutes, from browsers that are unknown to it."""
SIGN_IN_TRIES_FROM_ADDRESS: int = env.int("SIGN_IN_TRIES_FROM_ADDRESS", default=30)
"""How many are allowed from one network address in 15 minutes, for all accounts together."""
KNOWN_BROWSER_DAYS: int = env.int("KNOWN_BROWSER_DAYS", default=90)
"""How many days a browser is known after a complete sign-in: wrong tries from unknown ones do not count against it."""
ALLAUTH_TRUSTED_PROXY_COUNT: int = env.int("TRUSTED_PROXIES", default=int(env.bool("BEHIND_TLS_PROXY", default=False)))
"""How many proxies are in front of the desk; each adds the address of its client to X-Forwarded-For."""
ACCOUNT_ADAPTER = "customers.sign_in.allauth_adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]  # there is no sign-up; allauth requires the login field here
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False  # customers.sign_in.rate_limits has limits by which strangers cannot lock staff out
ACCOUNT_SESSION_REMEMBER = False  # the cookie ends with the browser
ACCOUNT_FORMS = {"login": "customers.admin_forms.sign_in.SignInForm"}
MFA_ADAPTER = "customers.sign_in.allauth_adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Privacy Desk"
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be 30 seconds off (RFC 6238, section 5.2)
MFA_FORMS = {
    "authenticate": "customers.admin_forms.sign_in.CodeForm",
    "authenticate_webauthn": "customers.admin_forms.sign_in.KeyForm",
}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = MODE in ("demo", "test")  # http://localhost

# --- Language and time: stored in UTC, shown in Vietnam's ---------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("vi", _("Vietnamese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Ho_Chi_Minh"
NUMBER_GROUPING = 3
"""For Vietnamese, as Django's formats for it lack the grouping: 1.234.567."""

# --- Headers, cookies and hosts ------------------------------------------------------------------------------

OVER_TLS = MODE == "production"
CONTENT_SECURITY_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
PERMITTED_TO_NOBODY = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media",
    "fullscreen", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer",
    "microphone", "midi", "payment", "picture-in-picture", "screen-wake-lock", "serial", "storage-access", "usb",
    "xr-spatial-tracking",
)  # fmt: skip
PERMITTED_TO_US = ("publickey-credentials-create", "publickey-credentials-get")  # security keys at sign-in
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
RESPONSE_HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {source}" for name, source in CONTENT_SECURITY_POLICY.items()),
    "Cross-Origin-Opener-Policy": SECURE_CROSS_ORIGIN_OPENER_POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        [*(f"{name}=()" for name in PERMITTED_TO_NOBODY), *(f"{name}=(self)" for name in PERMITTED_TO_US)]
    ),
    "Referrer-Policy": SECURE_REFERRER_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": X_FRAME_OPTIONS,
}
"""Set on every answer; ``HeadersMiddleware`` adds HSTS over TLS, and ``no-store`` on all but static files."""
# "__Host-" keeps other hosts of the domain from setting these cookies; browsers accept it, and Secure, over TLS only.
# A demo uses plain HTTP on the loopback, where not all browsers would keep such a cookie, and nobody could sign in.
COOKIES = "__Host-" if OVER_TLS else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, LANGUAGE_COOKIE_NAME = (
    f"{COOKIES}{name}" for name in ("sessionid", "csrftoken", "django_language")
)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = OVER_TLS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = LANGUAGE_COOKIE_PATH = "/"
SECURE_SSL_REDIRECT = OVER_TLS
if env.bool("BEHIND_TLS_PROXY", default=False):  # the proxy must set this header itself, whatever the client sends
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if OVER_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = OVER_TLS
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[]) if MODE == "production" else ["127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000  # the form for a scope has two for each field of each customer
DATA_UPLOAD_MAX_NUMBER_FILES = 1
FILE_UPLOAD_HANDLERS = ["config.uploads.InMemoryUploadHandler"]

STATIC_URL = "static/"
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site needs these style sheets
WHITENOISE_USE_FINDERS = MODE in ("demo", "test")  # elsewhere `collectstatic` has run
STATIC_ROOT = None if WHITENOISE_USE_FINDERS else Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
if MODE == "production":
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }

# --- Mail and logs -------------------------------------------------------------------------------------------

EMAIL_URL_IS_SET: bool = bool(from_environment("EMAIL_URL"))
EMAIL_CONFIG = env.email_url_config(
    from_environment("EMAIL_URL") or ("smtp://localhost:25" if MODE == "production" else "consolemail://")
)
if MODE == "demo":  # a demo's letters are written to a folder; nothing leaves the machine
    EMAIL_CONFIG = {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend"}
    EMAIL_FILE_PATH = VAR_DIR / "mail"
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=10)  # seconds: how long a page waits for a mail server at most
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="privacy-desk@example.com")

ADMINS = [("", address) for address in env.list("ERROR_MAIL_TO", default=[])]
SERVER_EMAIL = DEFAULT_FROM_EMAIL
DEFAULT_EXCEPTION_REPORTER = "config.logs.error_reports.BareReport"
DEFAULT_EXCEPTION_REPORTER_FILTER = "config.logs.error_reports.EmptyReporterFilter"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"routes": {"()": "config.logs.formatters.RoutesForPaths"}},
    "formatters": {
        "lines": {
            "()": "config.logs.formatters.JsonLines" if MODE == "production" else "config.logs.formatters.TextLines"
        }
    },
    "handlers": {
        "stderr": {"class": "config.logs.formatters.Stderr", "formatter": "lines"},
        "mail": {"class": "config.logs.formatters.ErrorMail", "level": "ERROR"},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["stderr", "mail"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO"},  # Django's own handlers would print messages unfiltered
        "django.request": {"filters": ["routes"]},
        "django.security.csrf": {"filters": ["routes"]},
        # It would print paths; ``desk.access`` does not.
        "django.server": {"handlers": ["nowhere"], "level": "WARNING", "propagate": False},
    },
}

# --- The desk's own settings -----------------------------------------------------------------------------------

SITE_URL = env.str("SITE_URL", default="" if MODE == "production" else "http://127.0.0.1:8000")
"""The URL at which customers reach this installation; links in letters begin with it, never with a request's host."""
SMS_GATEWAY = env.str("SMS_GATEWAY", default="" if MODE == "production" else "{number}@sms.example.com")
"""The mail address of a gateway that sends mail as text messages, with {number}; empty: none are sent."""
PASSWORD_RESET_URL = env.str(
    "PASSWORD_RESET_URL", default="" if MODE == "production" else "https://id.example.com/reset"
)
"""The provider's own page where customers choose a new password; empty: staff cannot start a reset."""
ADDRESS_CHECK_HOURS: int = env.int("ADDRESS_CHECK_HOURS", default=24)
"""How long a customer may confirm an address by link or code, in hours."""
CONTACT_WITHOUT_CONSENT = env.str("CONTACT_WITHOUT_CONSENT", default="refuse")
"""Whether news may be sent where the policy allows it but no consent is on record: "refuse" or "allow"."""
POLICY_EFFECTIVE = env.str("POLICY_EFFECTIVE", default="later")
"""From which of its two confirmed publications a policy version is in effect: the "later" or the "earlier"."""
CONTROLLER_NAME = env.str("CONTROLLER_NAME", default="Example Cloud" if MODE == "demo" else "The cloud provider")
CONTROLLER_URL = env.str("CONTROLLER_URL", default="https://bizflycloud.vn/")
"""Name and URL of the controller of the data, for receipts."""
REVEAL_SECONDS: int = env.int("REVEAL_SECONDS", default=60)
"""How long a revealed value may be shown, in seconds."""
FINDS_AN_HOUR: int = env.int("FINDS_AN_HOUR", default=120)
"""How often one person may look for customers in an hour."""
VERIFICATIONS_AN_HOUR: int = env.int("VERIFICATIONS_AN_HOUR", default=30)
"""How many callers one person may verify in an hour."""
MISSES_AN_HOUR: int = env.int("MISSES_AN_HOUR", default=5)
"""After how many “no match” for one customer in an hour nobody can verify a caller for that customer, for an hour."""
REVEALS_A_DAY: int = env.int("REVEALS_A_DAY", default=40)
"""How many values one person may reveal in a day, by the clock in Vietnam."""
BREAK_GLASS_A_DAY: int = env.int("BREAK_GLASS_A_DAY", default=5)
"""How often one person may break glass in a day, by the clock in Vietnam."""
BREAK_GLASS_MINUTES: int = env.int("BREAK_GLASS_MINUTES", default=60)
"""How long a break-glass grant lasts, and how long a find counts for breaking glass, in minutes."""
MORE_FOR_TODAY: int = env.int("MORE_FOR_TODAY", default=10)
"""How much a lead or officer may add to a person's budget, once a day."""
GRANT_DAYS_AT_MOST: int = env.int("GRANT_DAYS_AT_MOST", default=90)
"""For how many days a personal grant may be given at most."""
OFFICE_HOURS: str = env.str("OFFICE_HOURS", default="08:00-18:00")
"""Hours on working days, by the clock in Vietnam; reveals and disclosures outside them are marked for review."""
PACKAGE_MINUTES: int = env.int("PACKAGE_MINUTES", default=15)
"""How many minutes a package for a recipient can be fetched."""
DOCUMENT_MEGABYTES: int = env.int("DOCUMENT_MEGABYTES", default=5)
"""How large an original document may be, in megabytes (10^6 bytes)."""
REVIEW_SAMPLE: int = env.int("REVIEW_SAMPLE", default=10)
"""How many of a month's disclosures are drawn by lot for its review, besides those that must be reviewed."""
MANY_FIELDS: int = env.int("MANY_FIELDS", default=5)
"""From how many fields on a disclosure must be reviewed with its month."""
RECORD_LOCK_SECONDS: float = env.float("RECORD_LOCK_SECONDS", default=20.0)
"""How many seconds an act waits for the lock on the log before it fails."""
CHECKPOINT_MINUTES_AT_MOST: int = env.int("CHECKPOINT_MINUTES_AT_MOST", default=60)
"""How many minutes an entry of the log may be without a checkpoint before ``/healthz`` reports it."""
ANCHOR_FILE = Path(env.str("ANCHOR_FILE", default=str(VAR_DIR / "anchors")))
"""The file to which ``manage.py checkpoint`` appends each signed checkpoint; it belongs on another machine."""
