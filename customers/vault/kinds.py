"""The kinds of datum the vault keeps. Rights to reveal and masks depend on the kind, not on the column."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What a sealed value is about."""

    NAME = "name", _("name")
    COMPANY = "company", _("company")
    EMAIL = "email", _("e-mail")
    PHONE = "phone", _("phone")
    SERVICE_ACCESS = "service_access", _("service access")
    PASSWORD = "password", _("password")
    REASON = "reason", _("reason")
    REQUEST = "request", _("words about a request")
    LETTER = "letter", _("text of a letter")
    CODE = "code", _("code")
    DOCUMENT = "document", _("document")


NEVER_OPENED = frozenset({Kind.PASSWORD, Kind.CODE})
"""Kinds that no record opens: nobody sees an account password, not even as its hash, nor a code sent to a customer."""
