"""The desk is the admin site; beside it only the language switch and the page a sign-in link leads to."""

from django.contrib import admin
from django.contrib.auth.views import PasswordResetConfirmView
from django.urls import include, path, reverse_lazy

from customers.admin_forms import FirstPasswordForm

urlpatterns = [
    path("language/", include("django.conf.urls.i18n")),
    path(
        "choose-password/<uidb64>/<token>/",
        PasswordResetConfirmView.as_view(
            form_class=FirstPasswordForm, success_url=reverse_lazy("admin:login"), extra_context={"title": ""}
        ),
        name="password_reset_confirm",
    ),
    path("", admin.site.urls),
]
