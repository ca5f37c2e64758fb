"""Routes: the admin site at the root; beside it sign-in, the language switch, and the pages that letters link to."""

from django.contrib import admin
from django.urls import include, path

from consent.choices.unsubscribe_page import unsubscribe_view
from customers.admin_views.second_factor import SecondFactorView, SignInView, enrol_view
from customers.admin_views.sign_in import ChoosePasswordView
from customers.casework.address_verification_page import confirm_address_view

handler500 = "config.error_page.something_went_wrong"

urlpatterns = [
    path("language/", include("django.conf.urls.i18n")),
    path("login/", SignInView.as_view(), name="account_login"),
    path("login/second-factor/", SecondFactorView.as_view(), name="mfa_authenticate"),
    path("login/set-up/", enrol_view, name="enrol"),
    path("choose-password/<uidb64>/<token>/", ChoosePasswordView.as_view(), name="password_reset_confirm"),
    path("confirm/<path:token>", confirm_address_view, name="confirm_address"),
    path("unsubscribe/<path:token>", unsubscribe_view, name="unsubscribe"),
    path("", admin.site.urls),
]
