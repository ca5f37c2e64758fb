"""Ways a query might ask about a sealed value: refused with a sentence, directly and through relations."""

from __future__ import annotations

from typing import Any
from unittest import mock

from django.db.models import CharField, Count, Exists, F, FilteredRelation, OuterRef, Q, Value
from django.db.models.functions import Cast, Coalesce, Lower

from customers.models import ContactPoint, Customer
from customers.vault.errors import SealedMisuse
from tests.customers.vault.spots import EMAIL, NAME, OLD_NAME, PHONE, REASON, SECRET, Spot, Stock, VersionOfContactPoint
from tests.customers.vault.ways import refused

LOOKUPS = {
    "exact": "text",
    "iexact": "text",
    "contains": "text",
    "icontains": "text",
    "startswith": "text",
    "istartswith": "text",
    "endswith": "text",
    "regex": "text",
    "iregex": "text",
    "gt": "text",
    "gte": "text",
    "lt": "text",
    "lte": "text",
    "in": "list",
    "range": "list",
    "lower": "text",
    "upper__contains": "text",
    "length__gt": "number",
    "nonsense": "text",
}


def _asked(lookup: str, shape: str) -> Any:
    def act(stock: Stock, spot: Spot) -> Any:
        asked = {"text": spot.value, "list": [spot.value, spot.other], "number": 3}[shape]
        return list(spot.model._base_manager.filter(**{f"{spot.field}__{lookup}": asked}))

    act.__name__, act.__module__ = f"asked_by_{lookup}", __name__
    return act


for _lookup, _shape in LOOKUPS.items():
    refused(SealedMisuse)(_asked(_lookup, _shape))


def base(spot: Spot) -> Any:
    """Every row of the spot's table."""
    return spot.model._base_manager.all()


@refused(SealedMisuse)
def asked_by_its_bare_name(stock: Stock, spot: Spot) -> Any:
    return list(base(spot).filter(**{spot.field: spot.value}))


@refused(SealedMisuse)
def asked_by_a_sealed_value(stock: Stock, spot: Spot) -> Any:
    return list(base(spot).filter(**{spot.field: spot.of(spot.row())}))


@refused(SealedMisuse)
def asked_for_its_absence(stock: Stock, spot: Spot) -> Any:
    return list(base(spot).exclude(Q(**{spot.field: spot.value}) | Q(pk=0)))


@refused(SealedMisuse)
def gotten_by_it(stock: Stock, spot: Spot) -> Any:
    return base(spot).get(**{spot.field: spot.value})


@refused(SealedMisuse)
def compared_with_another_column(stock: Stock, spot: Spot) -> Any:
    return list(base(spot).filter(**{spot.field: F("pk")}))


@refused(SealedMisuse)
def another_column_compared_with_it(stock: Stock, spot: Spot) -> Any:
    return list(base(spot).annotate(text=Cast("pk", CharField())).filter(text=F(spot.field)))


@refused(SealedMisuse)
def a_plain_column_asked_by_a_sealed_value(stock: Stock, spot: Spot) -> Any:
    return list(Customer.objects.filter(reference=spot.of(spot.row())))


@refused(SealedMisuse)
def a_plain_column_asked_by_a_list_with_a_sealed_value(stock: Stock, spot: Spot) -> Any:
    return list(Customer.objects.filter(reference__in=["BZ1", spot.of(spot.row())]))


@refused(SealedMisuse)
def asked_through_a_name_given_in_the_query(stock: Stock, spot: Spot) -> Any:
    return list(base(spot).annotate(x=F(spot.field)).filter(x=spot.value))


@refused(SealedMisuse)
def asked_through_a_cast(stock: Stock, spot: Spot) -> Any:
    return list(base(spot).annotate(x=Cast(spot.field, CharField())).filter(x__contains="gAAAA"))


@refused(SealedMisuse)
def asked_in_a_subquery(stock: Stock, spot: Spot) -> Any:
    inner = Customer.objects.filter(reference=OuterRef(spot.field))
    return list(base(spot).filter(Exists(inner)))


@refused(SealedMisuse)
def grouped_by(stock: Stock, spot: Spot) -> Any:
    return list(base(spot).values(spot.field).annotate(n=Count("pk")))


@refused(SealedMisuse)
def sorted_while_whole_rows_are_counted_beside(stock: Stock, spot: Spot) -> Any:
    return list(base(spot).values("pk", spot.field).annotate(n=Count("pk")).order_by(spot.field))


@refused(SealedMisuse)
def compared_while_whole_rows_are_counted_beside(stock: Stock, spot: Spot) -> Any:
    counted = base(spot).annotate(text=Cast("pk", CharField())).values("pk", spot.field).annotate(n=Count("pk"))
    return list(counted.filter(text=F(spot.field)))


# --- order -----------------------------------------------------------------------------------------------------

ORDERS = {
    "name": lambda field: field,
    "name_downwards": lambda field: f"-{field}",
    "f": lambda field: F(field),
    "f_downwards": lambda field: F(field).desc(nulls_last=True),
    "a_function": lambda field: Lower(field),
    "a_nested_function": lambda field: Coalesce(Lower(field), Value("")).asc(),
}


def _ordered(how: str, order: Any) -> Any:
    def act(stock: Stock, spot: Spot) -> Any:
        return list(base(spot).order_by(order(spot.field)))

    act.__name__, act.__module__ = f"ordered_by_{how}", __name__
    return act


for _how, _order in ORDERS.items():
    refused(SealedMisuse)(_ordered(_how, _order))


@refused(SealedMisuse)
def ordered_by_a_name_given_in_the_query(stock: Stock, spot: Spot) -> Any:
    return list(base(spot).annotate(x=F(spot.field)).order_by("-x"))


@refused(SealedMisuse)
def ordered_among_selected_values(stock: Stock, spot: Spot) -> Any:
    return list(base(spot).values("pk", spot.field).order_by(spot.field))


@refused(SealedMisuse)
def ordered_among_selected_values_by_f(stock: Stock, spot: Spot) -> Any:
    return list(base(spot).values_list(spot.field).order_by(F(spot.field).desc()))


@refused(SealedMisuse)
def a_union_ordered(stock: Stock, spot: Spot) -> Any:
    return list(base(spot).union(base(spot)).order_by(spot.field))


@refused(SealedMisuse)
def ordered_by_the_models_meta(stock: Stock, spot: Spot) -> Any:
    with mock.patch.object(spot.model._meta, "ordering", [spot.field]):
        return list(base(spot))


@refused(SealedMisuse)
def ordered_by_an_expression_in_the_models_meta(stock: Stock, spot: Spot) -> Any:
    with mock.patch.object(spot.model._meta, "ordering", [F(spot.field).asc()]):
        return list(base(spot))


@refused(SealedMisuse)
def ordered_by_extra(stock: Stock, spot: Spot) -> Any:
    return list(base(spot).extra(order_by=[spot.field]))


@refused(SealedMisuse)
def the_first_or_latest_by_it(stock: Stock, spot: Spot) -> Any:
    return base(spot).latest(spot.field)


@refused(SealedMisuse)
def distinct_on_it(stock: Stock, spot: Spot) -> Any:
    return list(base(spot).order_by().distinct(spot.field))


@refused(SealedMisuse)
def reversed_in_its_order(stock: Stock, spot: Spot) -> Any:
    return list(base(spot).order_by(spot.field).reverse())


# --- through relations -----------------------------------------------------------------------------------------

PATHS = {
    NAME: (ContactPoint, "customer__full_name"),
    EMAIL: (Customer, "contact_points__email"),
    PHONE: (Customer, "contact_points__phone"),
    SECRET: (Customer, "services__secret"),
    REASON: (Customer, "reveals__reason_text"),
    OLD_NAME: (VersionOfContactPoint, "customer__full_name"),
}
RELATED = tuple(PATHS)


def _through(how: str) -> Any:
    def act(stock: Stock, spot: Spot) -> Any:
        model, path = PATHS[spot]
        return list(model.objects.filter(**{f"{path}{how}": spot.value}))

    act.__name__, act.__module__ = f"asked_through_a_relation{how}", __name__
    return act


for _how in ("", "__icontains", "__startswith", "__gt"):
    refused(SealedMisuse, at=RELATED)(_through(_how))


@refused(SealedMisuse, at=RELATED)
def excluded_through_a_relation(stock: Stock, spot: Spot) -> Any:
    model, path = PATHS[spot]
    return list(model.objects.exclude(**{path: spot.value}))


@refused(SealedMisuse, at=RELATED)
def ordered_through_a_relation(stock: Stock, spot: Spot) -> Any:
    model, path = PATHS[spot]
    return list(model.objects.order_by(path))


@refused(SealedMisuse, at=RELATED)
def ordered_through_a_relation_by_f(stock: Stock, spot: Spot) -> Any:
    model, path = PATHS[spot]
    return list(model.objects.order_by(F(path).desc()))


@refused(SealedMisuse, at=RELATED)
def ordered_through_a_relation_among_values(stock: Stock, spot: Spot) -> Any:
    model, path = PATHS[spot]
    return list(model.objects.values(path).order_by(path))


@refused(SealedMisuse, at=(EMAIL, PHONE, SECRET))
def asked_through_a_filtered_relation(stock: Stock, spot: Spot) -> Any:
    _, path = PATHS[spot]
    relation = path.partition("__")[0]
    found = Customer.objects.annotate(r=FilteredRelation(relation, condition=Q(**{path: spot.value})))
    return list(found.filter(r__isnull=False))
