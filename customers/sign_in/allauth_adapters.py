"""What we tell the sign-in library: who may come in, by which steps, and what goes on record at each.

Nobody is signed in before the last step: the library asks for the password, then for the second factor, and who has
none yet sets one up as a step of the sign-in.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
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
from customers.sign_in.known_browsers import known_browser, remember
from customers.sign_in.rate_limits import TooManyTries, Visitor, give_back, take_try, visitor
from customers.sign_in.records import is_bound, note_signed_in, note_signed_out, note_wrong_password
from customers.sign_in.sessions import begin

BOUND = "sign_in_bound"
"""In the session of a sign-in under way: the session hash of the password it began with."""
WRONG_PASSWORD = gettext_lazy("Username or password is wrong. Both are written exactly as you were given them.")
WRONG_FACTOR = gettext_lazy(
    "That code is wrong or was used already. Type it again; if you have used it, wait for the next one."
)


def visitor_of(request: HttpRequest, person: StaffMember | None) -> Visitor:
    """Whence a request comes."""
    return visitor(AccountAdapter(request).get_client_ip(request), known_browser(request, person))


def called(name: str) -> StaffMember | None:
    """Who is called so, whether or not they may sign in."""
    return StaffMember.objects.filter(username=name).first() if "\0" not in name else None


class AccountAdapter(DefaultAccountAdapter):
    """No sign-up, no mail, no messages of the library's own; every step on record."""

    error_messages = {**DefaultAccountAdapter.error_messages, "username_password_mismatch": WRONG_PASSWORD}

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: people are added by an administrator."""
        return False

    def get_login_stages(self) -> list[str]:
        """After the password: the second factor, or setting one up."""
        return ["allauth.mfa.stages.AuthenticateStage", "customers.sign_in.allauth_adapters.EnrolStage"]

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Before a password is looked at: one try is used up."""
        person = called(credentials["username"])
        try:
            take_try(person, visitor_of(request, person), name=credentials["username"])
        except TooManyTries as late:
            raise ValidationError(str(late)) from None

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """A wrong username or password."""
        person = called(credentials["username"])
        note_wrong_password(person, visitor_of(request, person))

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """The password was right: this sign-in is bound to it, whatever happens to the account meanwhile."""
        give_back(visitor_of(request, user), name=user.username)
        request.session[BOUND] = user.get_session_auth_hash()
        answer: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return answer

    def login(self, request: HttpRequest, user: Any) -> None:
        """All steps are done: on record first, then there is a session. Nobody comes in without a second factor."""
        proofs = [each for each in get_authentication_records(request, user) if each["method"] == "mfa"]
        if not proofs:
            raise ImmediateHttpResponse(redirect("account_login"))
        bound = request.session.pop(BOUND, "")
        note_signed_in(user, visitor_of(request, user), proofs[-1]["type"], bound=bound)
        super().login(request, user)
        begin(request)

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """Where to go, in a browser that is known from now on."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        remember(request, response, user)
        return response

    def logout(self, request: HttpRequest) -> None:
        """On record; where it cannot be, the session ends all the same, and ``RecordFailed`` is raised."""
        person = request.user
        come = visitor_of(request, person) if isinstance(person, StaffMember) else None
        super().logout(request)
        if come is not None:
            note_signed_out(person, come)  # type: ignore[arg-type]

    def is_safe_url(self, url: str | None) -> bool:
        """Pages of this host only; an address that is none is none of ours."""
        try:
            return bool(url) and url_has_allowed_host_and_scheme(url, {self.request.get_host()})
        except ValueError:
            return False

    def is_ajax(self, request: HttpRequest) -> bool:
        """Never: answers are pages."""
        return False

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        """As for anybody who is not at the desk."""
        return redirect("account_login")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """The library's own pages are not routed; ours ask for the second factor themselves."""
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """None: our pages say what happened."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """None: letters to staff are acts of their own."""


class MFAAdapter(DefaultMFAAdapter):
    """Secrets are sealed for the person they belong to."""

    error_messages = {**DefaultMFAAdapter.error_messages, "incorrect_code": WRONG_FACTOR}

    def get_totp_label(self, user: Any) -> str:
        """The username: no address in an app's list."""
        return str(user.username)

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """What a new security key is called, until its owner says."""
        return _("Security key %(number)s") % {"number": 1 + len(second_factors.factors_of(user))}

    def encrypt(self, text: str) -> str:
        """Sealed, inside ``second_factors.of(person)``."""
        return second_factors.sealed(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Opened there again."""
        return second_factors.opened(encrypted_text)

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        """The username only."""
        return {"id": str(user.pk).encode(), "display_name": user.username, "name": user.username}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The desk, at the host it is asked at."""
        return {**super().get_public_key_credential_rp_entity(), "name": _("Privacy Desk")}


def is_still_good(request: HttpRequest, person: StaffMember) -> bool:
    """Whether a sign-in that is under way may go on: the password it began with still stands."""
    return is_bound(person, request.session.get(BOUND, ""))


class EnrolStage(LoginStage):
    """Who has no second factor sets one up, and only then is signed in."""

    key = "enrol"
    urlname = "enrol"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        """A redirect to where it is set up, or none where there is a factor; one asked for and gone ends it."""
        if self.login.user is None or second_factors.has_factor(self.login.user):  # type: ignore[arg-type]
            return None, True
        asked = self.controller.get_stage(AuthenticateStage.key)
        if asked is not None and asked.state.get("authentication_required"):
            return redirect("account_login"), False
        return redirect("enrol"), True
