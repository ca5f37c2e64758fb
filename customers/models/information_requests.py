"""Information requests (questions back to a customer), and the register of links that letters may have."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from customers.evidence.append_only import AppendOnly, Recorded
from customers.models.contact_points import ContactPoint
from customers.models.corrections import Correction
from customers.models.customer import Customer
from customers.models.requests import CustomerRequest
from customers.models.staff import StaffMember
from customers.models.state_machine import StatefulModel, TransitionRecord, Transitions


class InformationRequest(StatefulModel):
    """A customer is asked for more on an open request: for the named fields only."""

    class State(models.TextChoices):
        """Open, or how it ended."""

        OPEN = "open", _("waits for the customer")
        ANSWERED = "answered", _("answered")
        CLOSED = "closed", _("closed without an answer")

    TRANSITIONS: ClassVar[Transitions] = {"answer": {"open": ("answered",)}, "close": {"open": ("closed",)}}
    TRANSITION_RECORD = "customers.InformationMove"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="information_requests")
    request = models.ForeignKey(CustomerRequest, on_delete=models.PROTECT, related_name="information_requests")
    contact_point = models.ForeignKey(ContactPoint, on_delete=models.PROTECT, related_name="+")
    fields = models.JSONField(_("asked for"))
    about_identity = models.BooleanField(_("about identity"))
    asked_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.OPEN)

    class Meta(StatefulModel.Meta):
        verbose_name = _("question back")
        verbose_name_plural = _("questions back")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["request"], condition=models.Q(state="open"), name="one_open_question_of_a_request"
            )
        ]

    def __str__(self) -> str:
        return f"question {self.pk}"


class InformationAsked(AppendOnly):
    """Which fields a customer was asked for."""

    kind = "information_asked"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="information_asked")
    question = models.OneToOneField(InformationRequest, on_delete=models.PROTECT, related_name="asked")
    request = models.ForeignKey(CustomerRequest, on_delete=models.PROTECT, related_name="+")
    contact_point = models.ForeignKey(ContactPoint, on_delete=models.PROTECT, related_name="+")
    fields = models.JSONField(_("asked for"))
    about_identity = models.BooleanField(_("about identity"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("question to a customer")
        verbose_name_plural = _("questions to customers")


class InformationMove(TransitionRecord):
    """An information request was answered or closed."""

    kind = "information_move"

    subject = models.ForeignKey(InformationRequest, on_delete=models.PROTECT, related_name="moves")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="information_moves")

    class Meta(TransitionRecord.Meta):
        verbose_name = _("end of a question back")
        verbose_name_plural = _("ends of questions back")


class InformationAnswer(AppendOnly):
    """One field of an answer was taken into a correction, found to confirm what is on file, or discarded."""

    kind = "information_answer"

    class Outcome(models.TextChoices):
        """What was done with the answer."""

        CORRECTED = "corrected", _("taken into a correction")
        CONFIRMED = "confirmed", _("confirms what is on file")
        DISCARDED = "discarded", _("discarded")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="information_answers")
    question = models.ForeignKey(InformationRequest, on_delete=models.PROTECT, related_name="answers")
    field = models.CharField(_("field"), max_length=20)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome)
    correction = models.ForeignKey(Correction, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta(AppendOnly.Meta):
        verbose_name = _("answer to a question back")
        verbose_name_plural = _("answers to questions back")
        constraints = [models.UniqueConstraint(fields=["question", "field"], name="one_answer_for_a_field")]


class OutsideLink(Recorded):
    """A page of another site that letters may link to. The site receives no data from the desk."""

    title_vi = models.CharField(_("title in Vietnamese"), max_length=100)
    title_en = models.CharField(_("title in English"), max_length=100)
    url = models.URLField(_("address"), max_length=300)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta(Recorded.Meta):
        verbose_name = _("link")
        verbose_name_plural = _("links")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["url"], condition=models.Q(is_active=True), name="one_link_of_an_address")
        ]

    def __str__(self) -> str:
        return f"link {self.pk}"

    @property
    def title(self) -> str:
        """Its title in the language in force."""
        return self.title_vi if (get_language() or "").startswith("vi") else self.title_en


class OutsideLinkChange(AppendOnly):
    """A link was put into the register, or taken out."""

    kind = "outside_link_change"

    link = models.ForeignKey(OutsideLink, on_delete=models.PROTECT, related_name="changes")
    url = models.URLField(_("address"), max_length=300)
    is_active = models.BooleanField(_("in use"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("change of the links")
        verbose_name_plural = _("changes of the links")
