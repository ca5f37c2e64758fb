"""Pages on which officers keep policy versions, purposes, limits of news and message templates."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from consent.admin_forms.policies import LimitForm, PublicationForm, PurposeForm, TemplateForm, VersionForm
from consent.gate.limits import limit, set_limit
from consent.gate.purposes import add_purpose
from consent.models import Channel, PolicyVersion, Publication
from consent.models.acts import ConsentAct
from consent.outreach.templates import keep_template, templates
from consent.permissions import can_keep_policies
from consent.policies.versions import confirm_publication, in_force, write_version
from customers.admin_forms.base import AskingForm
from customers.admin_views.base import act_page, get_or_post, post_data, require_permission
from customers.permissions.querysets import visible_to
from customers.permissions.reader import reader


def _list(model: str) -> str:
    return reverse(f"admin:consent_{model}_changelist")


@get_or_post
def write_version_view(request: HttpRequest) -> HttpResponse:
    """Put the text of a new policy version on file."""
    person = reader(request)
    require_permission(request, can_keep_policies(person), ConsentAct.WRITE_VERSION)

    def act(**data: Any) -> str:
        row = write_version(by=person, **data)
        messages.success(request, _("The version is on file. It takes effect once both sites have shown it."))
        return reverse("admin:consent_policyversion_change", args=[row.pk])

    context = {
        "title": _("A version of the policy"), "back": _list("policyversion"), "button": _("Put it on file"),
        "on_record": _("From now on its words cannot be changed; a mistake takes another version."),
    }  # fmt: skip
    return act_page(request, VersionForm(post_data(request)), act, context)


@get_or_post
def confirm_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """Confirm that a policy version was seen on a site."""
    person = reader(request)
    require_permission(request, can_keep_policies(person), ConsentAct.CONFIRM_PUBLICATION)
    version = visible_to(PolicyVersion, person).filter(pk=object_id).first()
    if version is None:
        raise Http404
    back = reverse("admin:consent_policyversion_change", args=[version.pk])

    def act(**data: Any) -> str:
        confirm_publication(version, by=person, **data)
        done = _("Confirmed. With this the version is in effect.")
        waits = _("Confirmed. It takes effect once the other site is confirmed too.")
        messages.success(request, done if in_force() == version else waits)
        return back

    confirmed_sites = set(version.publications.filter(language="vi").values_list("site", flat=True))
    first = next((site for site in Publication.Site.values if site not in confirmed_sites), None)
    context = {
        "title": _("Seen on a site: %(label)s") % {"label": version.label}, "back": back, "button": _("Confirm"),
        "on_record": _("Your name, the time and the text’s SHA-256 go on record. Nobody types when it takes effect."),
    }  # fmt: skip
    return act_page(request, PublicationForm(post_data(request), initial={"site": first}), act, context)


@get_or_post
def add_purpose_view(request: HttpRequest) -> HttpResponse:
    """Add a purpose; nobody has consented to it yet."""
    person = reader(request)
    require_permission(request, can_keep_policies(person), ConsentAct.ADD_PURPOSE)

    def act(**data: Any) -> str:
        add_purpose(by=person, **data)
        messages.success(request, _("The purpose is on file. Nobody has consented to it yet."))
        return _list("purpose")

    context = {
        "title": _("A new purpose"), "back": _list("purpose"), "button": _("Add it"),
        "on_record": _("It is never changed; have the policy say so first."),
    }  # fmt: skip
    return act_page(request, PurposeForm(post_data(request)), act, context)


@get_or_post
def set_limit_view(request: HttpRequest, channel: str) -> HttpResponse:
    """Set when and how often news may be sent by one channel."""
    person = reader(request)
    require_permission(request, can_keep_policies(person), ConsentAct.SET_LIMIT)
    current = limit(channel) if channel in Channel.values else None
    if current is None:
        raise Http404

    def act(**data: Any) -> str:
        set_limit(channel, by=person, **data)
        messages.success(request, _("From now on this limit holds."))
        return _list("contactlimit")

    columns = ("from_hour", "to_hour", "a_day", "source", "confidence")
    form = LimitForm(
        post_data(request), initial={**{name: getattr(current, name) for name in columns}, "instead_of": current.pk}
    )
    context = {
        "title": _("News by %(channel)s") % {"channel": Channel(channel).label}, "back": _list("contactlimit"),
        "button": _("Set it"), "on_record": _("Your name and the time go on record. Hours are Vietnam’s."),
    }  # fmt: skip
    return act_page(request, form, act, context)


@get_or_post
def template_view(request: HttpRequest, code: str = "") -> HttpResponse:
    """Add a template, or set a new text for the template with this code."""
    person = reader(request)
    require_permission(request, can_keep_policies(person), ConsentAct.KEEP_TEMPLATE)
    template = next((row for row in templates() if row.code == code), None)
    if code and template is None:
        raise Http404

    def act(**data: Any) -> str:
        keep_template(by=person, **data)
        messages.success(request, _("The template is in use."))
        return _list("messagetemplate")

    columns = ("code", "subject_vi", "text_vi", "subject_en", "text_en")
    initial = {name: getattr(template, name) for name in columns} | {"purpose": template.purpose_id} if template else {}
    context = {
        "title": _("Template"), "back": _list("messagetemplate"), "button": _("Use it"),
        "on_record": _("Your name and the time go on record. Messages that were sent keep their words."),
    }  # fmt: skip
    return act_page(request, TemplateForm(post_data(request), initial=initial), act, context)


@get_or_post
def end_template_view(request: HttpRequest, code: str) -> HttpResponse:
    """Take a template out of use."""
    person = reader(request)
    require_permission(request, can_keep_policies(person), ConsentAct.KEEP_TEMPLATE)
    template = next((row for row in templates() if row.code == code), None)
    if template is None:
        raise Http404

    def act() -> str:
        columns = ("subject_vi", "text_vi", "subject_en", "text_en")
        texts = {name: getattr(template, name) for name in columns}
        keep_template(code, by=person, purpose=template.purpose, in_use=False, **texts)
        messages.success(request, _("The template is out of use."))
        return _list("messagetemplate")

    context = {
        "title": _("Take “%(code)s” out of use?") % {"code": code}, "back": _list("messagetemplate"),
        "button": _("Out of use"), "on_record": _("Your name and the time go on record."), "danger": True,
    }  # fmt: skip
    return act_page(request, AskingForm(post_data(request)), act, context)
