"""What django-allauth keeps internal and the desk uses all the same: imported here and nowhere else.

allauth promises nothing about these names from one version to the next, so an upgrade is checked against this list.
"""

from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY, clear_login
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    validate_totp_code,
    yield_hotp_counters_from_time,
)
from allauth.mfa.webauthn.internal import auth as webauthn
from allauth.mfa.webauthn.internal.auth import WebAuthn

__all__ = [
    "LOGIN_SESSION_KEY",
    "TOTP",
    "RecoveryCodes",
    "WebAuthn",
    "clear_login",
    "format_hotp_value",
    "generate_totp_secret",
    "get_authentication_records",
    "hotp_value",
    "login_stage_required",
    "record_authentication",
    "validate_totp_code",
    "webauthn",
    "yield_hotp_counters_from_time",
]
