"""The system check refuses an admin class that would show rows past the twins, or change them past the acts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.checks import Tags, run_checks
from django.db.models import F
from django.forms import ModelForm
from django.http import HttpRequest

from config.admin_site import DeskSite
from customers.admin.base import DeskAdmin, ScopedAdmin
from customers.models import ContactPoint, Customer, ServiceAccess, StaffMember, Team
from customers.permissions.querysets import TWINS
from tests import factories

pytestmark = pytest.mark.one_engine("a check reads classes, and asks no database")


@pytest.fixture
def site() -> Iterator[DeskSite]:
    """A site of the test's own; checks look at every site there is."""
    site = DeskSite(name="tested")
    yield site
    site._registry.clear()


def errors() -> list[str]:
    return sorted({error.id for error in run_checks(tags=[Tags.admin]) if error.id and error.id.startswith("desk")})


def with_options(*bases: type, **options: object) -> type[admin.ModelAdmin]:
    return type("Tested", bases or (DeskAdmin,), {"list_display": ["pk"], **options})


class StockInline(admin.TabularInline):
    model = ContactPoint


class OurInline(ScopedAdmin, admin.TabularInline):
    model = ContactPoint


class WideOpen(DeskAdmin):
    list_display = ["pk"]

    def get_queryset(self, request: HttpRequest) -> object:
        return Customer.objects.all()


class DjangoFirst(admin.ModelAdmin, ScopedAdmin):
    list_display = ["pk"]


class OwnList(DeskAdmin):
    list_display = ["pk"]

    def get_changelist_instance(self, request: HttpRequest) -> object:
        found = super().get_changelist_instance(request)
        found.result_list = list(Customer.objects.all())
        return found


def search(self: object, request: HttpRequest) -> list[str]:
    return ["full_name"]


@pytest.mark.parametrize(
    ("admin_class", "ids"),
    [
        (with_options(), []),
        (with_options(inlines=[OurInline]), []),
        (with_options(search_fields=["reference"], ordering=["-reference"], list_filter=["status"]), []),
        (with_options(admin.ModelAdmin), ["desk.E001"]),
        (DjangoFirst, ["desk.E001", "desk.E005"]),
        (with_options(inlines=[StockInline]), ["desk.E001"]),
        (with_options(list_editable=["status"], list_display=["pk", "status"]), ["desk.E003"]),
        (with_options(actions=["delete_selected"]), ["desk.E003"]),
        (with_options(search_fields=["^full_name"]), ["desk.E004"]),
        (with_options(search_fields=["contact_points__email"]), ["desk.E004"]),
        (with_options(search_fields=["contact_points__email_index"]), ["desk.E004"]),
        (with_options(search_fields=["name_indexes__digest"]), ["desk.E004"]),
        (with_options(list_filter=["company"]), ["desk.E004"]),
        (with_options(list_filter=[("company", admin.EmptyFieldListFilter)]), ["desk.E004"]),
        (with_options(ordering=["-full_name"]), ["desk.E004"]),
        (with_options(ordering=[F("full_name").desc()]), ["desk.E004"]),
        (with_options(ordering=[F("full_name")]), ["desk.E004"]),
        (WideOpen, ["desk.E005"]),
        (OwnList, ["desk.E005"]),
        (with_options(get_search_fields=search), ["desk.E005"]),
    ],
)
def test_an_admin_class_is_refused_or_let_through(admin_class: type, ids: list[str], site: DeskSite) -> None:
    assert errors() == []
    site.register(Customer, admin_class)
    assert errors() == ids


def test_a_table_without_a_twin_has_no_page(site: DeskSite, monkeypatch: pytest.MonkeyPatch) -> None:
    site.register(ServiceAccess, with_options())
    assert errors() == []
    monkeypatch.delitem(TWINS, ServiceAccess)
    assert errors() == ["desk.E002"]


def test_the_stock_pages_of_users_and_groups_are_gone_and_packages_bring_none() -> None:
    registered = {model._meta.label for model in admin.site._registry}
    assert registered == {
        *("customers.Customer", "customers.AccessGrant", "customers.Refusal", "customers.VerificationClosure"),
        *("customers.StaffMember", "customers.Team", "customers.Leaf", "customers.CustomerRequest"),
        *("customers.Correction", "customers.Hold", "customers.LegalDeadline", "customers.OutsideLink"),
        *("consent.ConsentEvent", "consent.ContactRefusal", "consent.PolicyVersion", "consent.PolicyAcceptance"),
        *("consent.Purpose", "consent.ContactLimit", "consent.MessageTemplate"),
        *("disclosures.DisclosureRequest", "disclosures.Disclosure", "disclosures.Recipient"),
        "disclosures.TamperCheck",
        *("disclosures.MonthReview", "disclosures.AccessReview"),
    }
    site = DeskSite(name="other")
    site.register(Group, admin.ModelAdmin)
    assert not site.is_registered(Group)


# --- what the base does with related fields ------------------------------------------------------------------------


def form_of(person: StaffMember, site: DeskSite) -> type[ModelForm]:
    """The form that an admin class for services would offer this person: customers are the related field."""
    request = HttpRequest()
    request.user = person
    offered = type("Tested", (DeskAdmin,), {"fields": ["customer", "service"]})(ServiceAccess, site)
    return offered.get_form(request, change=False)


@pytest.mark.django_db
def test_choices_labels_and_saves_of_a_related_field_go_through_the_twin(site: DeskSite) -> None:
    own, other = factories.customer("BZ0000001"), factories.customer("BZ0000002", team_name="Da Nang")
    form_class = form_of(factories.person("linh", "Support agent"), site)
    shown = str(form_class())
    assert ("BZ0000001" in shown, "BZ0000002" in shown) == (True, False)
    assert "related-widget-wrapper" not in shown
    assert form_class({"customer": own.pk, "service": "CDN"}).is_valid()
    forbidden = form_class({"customer": other.pk, "service": "CDN"})
    missing = form_class({"customer": 987654321, "service": "CDN"})
    assert (forbidden.is_valid(), missing.is_valid()) == (False, False)
    assert forbidden.errors["customer"] == missing.errors["customer"]


@pytest.mark.django_db
def test_a_related_field_of_a_table_nobody_may_see_offers_nothing(site: DeskSite) -> None:
    factories.team("Hanoi")
    request = HttpRequest()
    request.user = factories.person("yen", "Auditor")
    offered = type("Tested", (DeskAdmin,), {"fields": ["team"]})(Customer, site)
    assert list(offered.get_form(request)().fields["team"].queryset) == []
    request.user = factories.person("quang", "Administrator")
    assert list(offered.get_form(request)().fields["team"].queryset) == list(Team.objects.all())


@pytest.mark.django_db
def test_a_queryset_that_a_class_brings_is_narrowed_too_and_a_row_of_others_is_not_seen(site: DeskSite) -> None:
    factories.customer("BZ0000001")
    other = factories.customer("BZ0000002", team_name="Da Nang")
    request = HttpRequest()
    request.user = factories.person("linh", "Support agent")
    offered = with_options()(ServiceAccess, site)
    field = ServiceAccess._meta.get_field("customer")
    brought = offered.formfield_for_foreignkey(field, request, queryset=Customer.objects.all())
    assert [customer.reference for customer in brought.queryset] == ["BZ0000001"]
    many = offered.formfield_for_manytomany(StaffMember._meta.get_field("groups"), request)
    assert list(many.queryset) == []
    shown = with_options(is_visible_to=lambda self, person: True)(Customer, site)
    assert shown.has_view_permission(request, Customer.objects.get(reference="BZ0000001"))
    assert not shown.has_view_permission(request, other)


@pytest.mark.django_db
def test_an_inline_shows_the_rows_of_what_one_may_see_and_takes_none(site: DeskSite) -> None:
    own, other = factories.customer(), factories.customer(team_name="Da Nang")
    request = HttpRequest()
    request.user = factories.person("linh", "Support agent")
    inline = OurInline(Customer, site)
    shown = {point.customer_id for point in inline.get_queryset(request)}
    assert shown == {own.pk}
    assert other.contact_points.exists()
    allowed = [inline.has_add_permission(request), inline.has_change_permission(request)]
    assert [*allowed, inline.has_delete_permission(request)] == [False] * 3
