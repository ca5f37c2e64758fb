"""The desk is the admin site; beside it only the language switch."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("language/", include("django.conf.urls.i18n")),
    path("", admin.site.urls),
]
