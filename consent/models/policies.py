"""Versions of the privacy policy, where each was published, and which customers accepted it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.evidence.append_only import AppendOnly
from customers.models import Customer


class PolicyVersion(AppendOnly):
    """The text of a policy version, as it is to be published; never changed once it is on file."""

    kind = "policy_version"

    label = models.CharField(_("version"), max_length=40, unique=True)
    is_material = models.BooleanField(_("a material change"))
    changes = models.CharField(_("what changes"), max_length=300)
    text_vi = models.TextField(_("text in Vietnamese"))
    sha256_vi = models.CharField(_("SHA-256 of the Vietnamese text"), max_length=64)
    text_en = models.TextField(_("text in English"), blank=True, default="")
    sha256_en = models.CharField(_("SHA-256 of the English text"), max_length=64, blank=True, default="")

    class Meta(AppendOnly.Meta):
        verbose_name = _("policy version")
        verbose_name_plural = _("policy versions")

    def __str__(self) -> str:
        return self.label


class Publication(AppendOnly):
    """A policy version was seen on one of the sites: ``at`` is when, ``by`` who saw it, ``sha256`` its text's hash."""

    kind = "publication"

    class Site(models.TextChoices):
        """The sites that the policy names."""

        MAIN = "bizflycloud.vn", _("the main site, bizflycloud.vn")
        DOCS = "docs.bizflycloud.vn", _("the documentation, docs.bizflycloud.vn")

    class Language(models.TextChoices):
        """The language of the text on the site. Only the Vietnamese text decides when a version is in effect."""

        VI = "vi", _("Vietnamese")
        EN = "en", _("English")

    version = models.ForeignKey(
        PolicyVersion, to_field="label", db_column="version", on_delete=models.PROTECT, related_name="publications"
    )
    site = models.CharField(_("site"), max_length=40, choices=Site)
    language = models.CharField(_("language"), max_length=2, choices=Language)
    url = models.URLField(_("address of the page"), max_length=300)
    sha256 = models.CharField(_("SHA-256 of what stood there"), max_length=64)

    class Meta(AppendOnly.Meta):
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        constraints = [
            models.UniqueConstraint(fields=["version", "site", "language"], name="confirmed_once_on_each_site")
        ]


class PolicyAcceptance(AppendOnly):
    """A customer accepted a version of the policy."""

    kind = "policy_acceptance"

    class How(models.TextChoices):
        """How it was accepted. Going on to use a service is the weakest way: silence may be no consent."""

        REGISTRATION = "registration", _("by registering")
        USE = "use", _("by using the service")
        EXPRESS = "express", _("expressly")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="policy_acceptances")
    version = models.ForeignKey(
        PolicyVersion, to_field="label", db_column="version", on_delete=models.PROTECT, related_name="acceptances"
    )
    how = models.CharField(_("how"), max_length=16, choices=How)
    evidence = models.CharField(_("evidence"), max_length=64, blank=True, default="")
    accepted_at = models.DateTimeField(_("accepted"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("acceptance of the policy")
        verbose_name_plural = _("acceptances of the policy")
        indexes = [models.Index(fields=["customer", "-id"], name="acceptance_by_customer")]
