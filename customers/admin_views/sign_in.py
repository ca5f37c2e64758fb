"""The page that a sign-in link leads to, for somebody who has no password yet."""

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
    """As Django's, which takes the token out of the URL; what is chosen is kept by an act.

    Cookies are SameSite=Strict: after a redirect on the way from a mailbox no browser would send the session that has
    the token. So the link leads to a page of one button, and from there on everything is the desk's own.
    """

    form_class = FirstPasswordForm
    success_url = reverse_lazy("admin:login")
    extra_context = {"title": ""}

    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page of one button in the place of the redirect that hides the token."""
        answer: HttpResponseBase = super().dispatch(*args, **kwargs)
        if self.request.method != "POST" and isinstance(answer, HttpResponseRedirectBase):
            return page(self.request, "registration/link_opened.html", {"title": "", "onward": answer.url})
        return answer

    def get_form_kwargs(self) -> dict[str, Any]:
        """With the token, which the act looks at again."""
        return {**super().get_form_kwargs(), "token": self.request.session.get(INTERNAL_RESET_SESSION_TOKEN, "")}

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep the password, or say why not: two may have used the link at once."""
        try:
            chosen = super().form_valid(form)
        except InvalidInput as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        messages.success(self.request, _("Your password is set; log in with it."))
        remember(self.request, chosen, form.user)  # strangers who guess do not keep a newcomer out
        return chosen
