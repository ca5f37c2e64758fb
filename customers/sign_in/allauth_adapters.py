"""Adapters of django-allauth: who may sign in, by which steps, and what is recorded at each.

Nobody is signed in before the last step: the password comes first, then the second factor; a person without one sets
it up as a step of the sign-in.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.stages import LoginStage
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.stages import AuthenticateStage
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.models import StaffMember
from customers.sign_in import second_factors
from customers.sign_in.allauth_internals import get_authentication_records
from customers.sign_in.known_browsers import known_browser, remember
from customers.sign_in.rate_limits import TooManyTries, Visitor, give_back, take_try, visitor
from customers.sign_in.records import is_bound, note_signed_in, note_signed_out, note_wrong_password
from customers.sign_in.sessions import begin

BOUND = "sign_in_bound"
"""Session key during a sign-in: the session auth hash of the password that was given."""
WRONG_PASSWORD = gettext_lazy("Username or password is wrong. Both are written exactly as you were given them.")
WRONG_FACTOR = gettext_lazy(
    "That code is wrong or was used already. Type it again; if you have used it, wait for the next one."
)


def visitor_of(request: HttpRequest, person: StaffMember | None) -> Visitor:
    """The visitor (network address and known browser) that a request comes from."""
    return visitor(AccountAdapter(request).get_client_ip(request), known_browser(request, person))


def called(name: str) -> StaffMember | None:
    """The member of staff with this username, active or not; None where there is none."""
    return StaffMember.objects.filter(username=name).first() if "\0" not in name else None


class AccountAdapter(DefaultAccountAdapter):
    """Allauth's account adapter without sign-up, mail and messages; every step of a sign-in is recorded."""

    error_messages = {**DefaultAccountAdapter.error_messages, "username_password_mismatch": WRONG_PASSWORD}

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Always False: staff are added by administrators."""
        return False

    def get_login_stages(self) -> list[str]:
        """The stages after the password: the second factor, or setting one up."""
        return ["allauth.mfa.stages.AuthenticateStage", "customers.sign_in.allauth_adapters.EnrolStage"]

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count one try before the password is checked. Raises ``ValidationError`` where none is left."""
        person = called(credentials["username"])
        try:
            take_try(person, visitor_of(request, person), name=credentials["username"])
        except TooManyTries as late:
            raise ValidationError(str(late)) from None

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Record a wrong username or password."""
        person = called(credentials["username"])
        note_wrong_password(person, visitor_of(request, person))

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """After a correct password: give the try back, and bind this sign-in to the password in the session."""
        give_back(visitor_of(request, user), name=user.username)
        request.session[BOUND] = user.get_session_auth_hash()
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return response

    def login(self, request: HttpRequest, user: Any) -> None:
        """After all stages: write the record, then start the session. Without a second factor, start again."""
        proofs = [
            authentication
            for authentication in get_authentication_records(request, user)
            if authentication["method"] == "mfa"
        ]
        if not proofs:
            raise ImmediateHttpResponse(redirect("account_login"))
        bound = request.session.pop(BOUND, "")
        note_signed_in(user, visitor_of(request, user), proofs[-1]["type"], bound=bound)
        super().login(request, user)
        begin(request)

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """Redirect after the sign-in, and remember the browser as known."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        remember(request, response, user)
        return response

    def logout(self, request: HttpRequest) -> None:
        """End the session, then record it. The session ends even where ``RecordFailed`` is raised."""
        person = request.user
        client = visitor_of(request, person) if isinstance(person, StaffMember) else None
        super().logout(request)
        if client is not None:
            note_signed_out(person, client)  # type: ignore[arg-type]

    def is_safe_url(self, url: str | None) -> bool:
        """Allow only URLs of this host; a malformed URL is not safe."""
        try:
            return bool(url) and url_has_allowed_host_and_scheme(url, {self.request.get_host()})
        except ValueError:
            return False

    def is_ajax(self, request: HttpRequest) -> bool:
        """Always False: responses are pages, never JSON."""
        return False

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        """Redirect to the start, so that the answer does not tell that the account exists."""
        return redirect("account_login")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Always False: allauth's own pages are not routed, and ours use ``admin_views.step_up``."""
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Add nothing: our pages show their own messages."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send nothing: letters to staff are sent by acts."""


class MFAAdapter(DefaultMFAAdapter):
    """Allauth's adapter for second factors; secrets are sealed for the person they belong to."""

    error_messages = {**DefaultMFAAdapter.error_messages, "incorrect_code": WRONG_FACTOR}

    def get_totp_label(self, user: Any) -> str:
        """The username as label in an authenticator app; it contains no address."""
        return str(user.username)

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """Default name of a new security key."""
        return _("Security key %(number)s") % {"number": 1 + len(second_factors.factors_of(user))}

    def encrypt(self, text: str) -> str:
        """Seal a secret; inside ``second_factors.of(person)`` only."""
        return second_factors.sealed(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Open a sealed secret; inside ``second_factors.of(person)`` only."""
        return second_factors.opened(encrypted_text)

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        """Id and username only, without first name and e-mail address."""
        return {"id": str(user.pk).encode(), "display_name": user.username, "name": user.username}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The relying party: this host, named Privacy Desk."""
        return {**super().get_public_key_credential_rp_entity(), "name": _("Privacy Desk")}


def is_still_good(request: HttpRequest, person: StaffMember) -> bool:
    """Whether a sign-in under way may go on: the password it began with has not been changed."""
    return is_bound(person, request.session.get(BOUND, ""))


class EnrolStage(LoginStage):
    """Login stage in which a person without a second factor sets one up before being signed in."""

    key = "enrol"
    urlname = "enrol"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        """Redirect to the enrolment page; skip the stage where the person has a factor.

        Where the stage before asked for a factor that was removed meanwhile, the sign-in ends.
        """
        if self.login.user is None or second_factors.has_factor(self.login.user):  # type: ignore[arg-type]
            return None, True
        factor_stage = self.controller.get_stage(AuthenticateStage.key)
        if factor_stage is not None and factor_stage.state.get("authentication_required"):
            return redirect("account_login"), False
        return redirect("enrol"), True
