"""The page behind a sign-in link, on which staff choose a password."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN, PasswordResetConfirmView
from django.http import HttpResponse
from django.http.response import HttpResponseBase, HttpResponseRedirectBase
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from customers.admin_forms.staff import FirstPasswordForm
from customers.admin_views.base import page
from customers.sign_in.known_browsers import remember
from customers.validation.errors import InvalidInput


class ChoosePasswordView(PasswordResetConfirmView):
    """Django's view, which moves the token from the URL to the session; an act stores the password.

    Cookies are SameSite=Strict, so a redirect that began in a mail program would not carry the session with the token.
    The link therefore leads to a page with one button; from there all requests are same-site.
    """

    form_class = FirstPasswordForm
    success_url = reverse_lazy("admin:login")
    extra_context = {"title": ""}

    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the page with one button in place of Django's redirect."""
        response: HttpResponseBase = super().dispatch(*args, **kwargs)
        if self.request.method != "POST" and isinstance(response, HttpResponseRedirectBase):
            return page(self.request, "registration/link_opened.html", {"title": "", "onward": response.url})
        return response

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the token, which the act checks again."""
        return {**super().get_form_kwargs(), "token": self.request.session.get(INTERNAL_RESET_SESSION_TOKEN, "")}

    def form_valid(self, form: Any) -> HttpResponse:
        """Store the password; show an error where another request has just used the link."""
        try:
            response = super().form_valid(form)
        except InvalidInput as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        messages.success(self.request, _("Your password is set; log in with it."))
        remember(self.request, response, form.user)  # so that failed sign-ins of others do not lock the newcomer out
        return response
