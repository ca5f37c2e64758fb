"""What every page of the admin stands on: it reads, offers and takes only what the queryset twins let through."""

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


class ScopedAdmin:
    """For admin classes and inlines alike: rows, choices, labels and saves go through ``permissions.visible_to``.

    Nothing is added, changed or deleted: acts do that, on pages of their own.
    """

    model: type[Model]

    FINAL = frozenset({
        "get_queryset", "has_view_permission", "has_add_permission", "has_change_permission", "has_delete_permission",
        "formfield_for_dbfield", "formfield_for_foreignkey", "formfield_for_manytomany", "lookup_allowed",
        "to_field_allowed", "get_search_results", "get_search_fields", "get_ordering", "get_list_filter", "get_inlines",
        "get_inline_instances", "get_actions", "get_changelist", "get_changelist_instance", "get_object", "get_form",
        "get_formset", "get_fields", "get_urls",
    })  # fmt: skip
    """What no class overrides: these ask the querysets. Set ``row_select_related``, ``action_urls`` or ``lookups``."""

    row_select_related: tuple[str, ...] = ()
    """What is read with each row, as for ``select_related``."""
    row_prefetch_related: tuple[Any, ...] = ()
    """What is read for all rows at once, as for ``prefetch_related``."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows the person may see."""
        rows = visible_to(self.model, request.user)  # type: ignore[arg-type]
        rows = rows.select_related(*self.row_select_related) if self.row_select_related else rows
        return rows.prefetch_related(*self.row_prefetch_related) if self.row_prefetch_related else rows

    def is_visible_to(self, person: Any) -> bool:
        """Whether there is such a list for this person at all; where it is not said, nobody has one."""
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        """As ``is_visible_to``."""
        return self.is_visible_to(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As ``is_visible_to``; for one row, whether the twin lets it through."""
        if obj is None:
            return self.is_visible_to(request.user)
        return visible_to(self.model, request.user).filter(pk=obj.pk).exists()  # type: ignore[arg-type]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: acts add."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: acts change."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """As Django's, without the links to pop-up pages beside a related field."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if isinstance(getattr(field, "widget", None), RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Choices, and with them what a form takes, are the related rows the person may see."""
        kwargs["queryset"] = self._narrowed(db_field, request, kwargs.get("queryset"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The same."""
        kwargs["queryset"] = self._narrowed(db_field, request, kwargs.get("queryset"))
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]

    def _narrowed(self, db_field: Field[Any, Any], request: HttpRequest, given: QuerySet[Any] | None) -> QuerySet[Any]:
        related: Any = db_field.related_model
        seen = visible_to(related, request.user)  # type: ignore[arg-type]
        return seen if given is None else given.filter(pk__in=seen.values("pk"))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """No crafted lookup; ``DeskAdmin`` names those that its filters use."""
        return False

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """No page is asked for a row by another column, nor for a column of it."""
        return False

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        """Nothing is searched by URL; find is a page of its own."""
        return queryset, False


class DeskAdmin(ScopedAdmin, admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows a list and the rows' own pages; add, change, delete, history, popups and actions do not exist."""

    actions = None
    view_on_site = False
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    list_per_page = 50
    list_max_show_all = 0
    sortable_by = ()
    lookups: frozenset[str] = frozenset()
    """The lookups that the filters on the page use; any other one in a URL is refused."""
    row_pages = True
    """Whether a row has a page of its own."""

    IGNORED = ("q", "o", "all", "_facets", "_popup", "_to_field")
    """What Django's list would take from a URL and the desk does not offer: no search terms, no sorting by URL."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only what the filters on the page use; no crafted lookup."""
        return lookup in self.lookups

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """None: what is done to many at once is an act of its own."""
        return {}

    def get_urls(self) -> list[URLPattern]:
        """The pages that do, the list, and the row's page; nothing else of Django's is routed."""
        urls = [self.url(route, view, name) for route, view, name in self.action_urls()]
        urls.append(self.url("", self.changelist_view, "changelist"))
        if self.row_pages:
            urls.append(self.url("<int:object_id>/", self.change_view, "change"))
        return urls

    def action_urls(self) -> list[tuple[str, Callable[..., HttpResponseBase], str]]:
        """The pages that do: route, view and the last part of the URL's name."""
        return []

    def url(self, route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
        """A page of this table's, for people who are signed in."""
        full = f"{self.opts.app_label}_{self.opts.model_name}_{name}"
        return path(route, self.admin_site.admin_view(view), name=full)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """As Django's, asked for nothing but page and filters."""
        asked = request.GET.copy()
        for name in self.IGNORED:
            asked.pop(name, None)
        if any("\0" in value for _name, values in asked.lists() for value in values):
            raise BadRequest("A NUL is no value of anything; PostgreSQL would not even take it.")
        request.GET = asked  # type: ignore[assignment]
        return super().changelist_view(request, {"title": self.opts.verbose_name_plural, **(extra_context or {})})
