"""Base classes of the admin: rows, choices and lookups are limited to what ``permissions.visible_to`` returns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import BadRequest
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from customers.admin.paging import BoundedPaginator
from customers.permissions.querysets import visible_to
from customers.permissions.reader import reader


class ScopedAdmin:
    """Mixin for admin classes and inlines: rows, choices and form fields come from ``permissions.visible_to``.

    Nothing is added, changed or deleted here: acts do that, on pages in ``admin_views``.
    """

    model: type[Model]

    FINAL = frozenset({
        "get_queryset", "has_view_permission", "has_add_permission", "has_change_permission", "has_delete_permission",
        "formfield_for_dbfield", "formfield_for_foreignkey", "formfield_for_manytomany", "lookup_allowed",
        "to_field_allowed", "get_search_results", "get_search_fields", "get_ordering", "get_list_filter", "get_inlines",
        "get_inline_instances", "get_actions", "get_changelist", "get_changelist_instance", "get_object", "get_form",
        "get_formset", "get_fields", "get_urls",
    })  # fmt: skip
    """Names that no subclass overrides, as they enforce the scope; set the attributes and ``action_urls`` instead."""

    row_select_related: tuple[str, ...] = ()
    """Arguments of ``select_related`` for the rows."""
    row_prefetch_related: tuple[Any, ...] = ()
    """Arguments of ``prefetch_related`` for the rows."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows that the signed-in person may see."""
        rows = visible_to(self.model, reader(request))
        rows = rows.select_related(*self.row_select_related) if self.row_select_related else rows
        return rows.prefetch_related(*self.row_prefetch_related) if self.row_prefetch_related else rows

    def is_visible_to(self, person: Any) -> bool:
        """Whether the person may open this list at all; nobody, unless a subclass says who."""
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Same as ``is_visible_to``."""
        return self.is_visible_to(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Same as ``is_visible_to``; for one row, whether ``permissions.visible_to`` contains it."""
        if obj is None:
            return self.is_visible_to(request.user)
        return visible_to(self.model, reader(request)).filter(pk=obj.pk).exists()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Always False: rows are added by acts."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Always False: rows are changed by acts."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Always False: rows are not deleted in the admin."""
        return False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Django's field without the links to pop-up pages beside a related field."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if isinstance(getattr(field, "widget", None), RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Limit the choices, and so the accepted values, to related rows that the person may see."""
        kwargs["queryset"] = self._narrowed(db_field, request, kwargs.get("queryset"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Limit the choices as for a foreign key."""
        kwargs["queryset"] = self._narrowed(db_field, request, kwargs.get("queryset"))
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]

    def _narrowed(
        self, db_field: Field[Any, Any], request: HttpRequest, queryset: QuerySet[Any] | None
    ) -> QuerySet[Any]:
        related: Any = db_field.related_model
        visible = visible_to(related, reader(request))
        return visible if queryset is None else queryset.filter(pk__in=visible.values("pk"))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Refuse every lookup in a URL; ``DeskAdmin`` allows those that its filters use."""
        return False

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """Refuse references to a row by any other column than its key."""
        return False

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        """Ignore search terms in the URL; finding customers is a page with a POST form."""
        return queryset, False


class DeskAdmin(ScopedAdmin, admin.ModelAdmin):  # type: ignore[type-arg]
    """A list and a read-only page per row; no pages to add, change or delete, no history, pop-ups or bulk actions."""

    actions = None
    view_on_site = False
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    list_per_page = 50
    list_max_show_all = 0
    sortable_by = ()
    lookups: frozenset[str] = frozenset()
    """Lookups that the list's filters use; any other lookup in a URL is refused."""
    row_pages = True
    """Whether a row has a page of its own."""

    IGNORED = ("q", "o", "all", "_facets", "_popup", "_to_field")
    """URL parameters of Django's list that are dropped: search terms, sorting, all rows, facets, pop-ups."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Allow only the lookups that the list's filters use."""
        return lookup in self.lookups

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """No bulk actions."""
        return {}

    def get_urls(self) -> list[URLPattern]:
        """The pages of acts, the list, and the row's page; none of Django's other admin pages is routed."""
        urls = [self.url(route, view, name) for route, view, name in self.action_urls()]
        urls.append(self.url("", self.changelist_view, "changelist"))
        if self.row_pages:
            urls.append(self.url("<int:object_id>/", self.change_view, "change"))
        return urls

    def action_urls(self) -> list[tuple[str, Callable[..., HttpResponseBase], str]]:
        """The pages of acts: route, view and the last part of the URL's name."""
        return []

    def url(self, route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
        """A URL pattern of this model, for signed-in staff only."""
        full = f"{self.opts.app_label}_{self.opts.model_name}_{name}"
        return path(route, self.admin_site.admin_view(view), name=full)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Django's list with nothing but page and filters taken from the URL; a NUL in it is a bad request."""
        parameters = request.GET.copy()
        for name in self.IGNORED:
            parameters.pop(name, None)
        if any("\0" in value for _name, values in parameters.lists() for value in values):
            raise BadRequest("A NUL is no value of anything; PostgreSQL would not even take it.")
        request.GET = parameters  # type: ignore[assignment]
        return super().changelist_view(request, {"title": self.opts.verbose_name_plural, **(extra_context or {})})
