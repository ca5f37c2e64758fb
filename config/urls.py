"""The desk is the admin site; beside it only the language switch and the page a sign-in link leads to."""

from django.contrib import admin
from django.urls import include, path

from customers.admin_views.sign_in import ChoosePasswordView

urlpatterns = [
    path("language/", include("django.conf.urls.i18n")),
    path("choose-password/<uidb64>/<token>/", ChoosePasswordView.as_view(), name="password_reset_confirm"),
    path("", admin.site.urls),
]
