"""Ways a value comes out of the database or out of Python: as its mask, as dots, or not at all."""

from __future__ import annotations

import copy
import csv
import io
import json
import logging
import pickle
import sqlite3
import sys
import traceback
from typing import Any

import psycopg
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, connection
from django.db.models import Case, Count, F, Max, Min, OuterRef, Q, Subquery, Value, When
from django.forms.models import model_to_dict
from django.http import HttpResponse, JsonResponse
from django.template import Context, Engine
from django.test import RequestFactory
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from customers.vault.sealed import Sealed
from tests.customers.vault.spots import Spot, Stock
from tests.customers.vault.ways import refused, works

DOTS = "•••"


def masked(spot: Spot, row: Any) -> str:
    """Demand that a row gives the value, and shows its mask; return what it shows."""
    value = spot.of(row)
    assert isinstance(value, Sealed)
    assert value == spot.value
    assert (str(value), repr(value), value.mask, value.trouble) == (spot.mask, spot.mask, spot.mask, "")
    return f"{value} {row} {row!r}"


def dotted(value: Any) -> str:
    """Demand that a value without its row shows dots only, and can be asked nothing."""
    assert isinstance(value, Sealed)
    assert (str(value), repr(value)) == (DOTS, DOTS)
    assert value.trouble
    return f"{value} {value.trouble}"


# --- querysets -------------------------------------------------------------------------------------------------


@works()
def read_with_its_row(stock: Stock, spot: Spot) -> Any:
    return masked(spot, spot.row())


@works()
def read_by_iterator_in_bulk_and_raw(stock: Stock, spot: Spot) -> Any:
    rows = [*spot.rows().iterator(chunk_size=1), *spot.rows().in_bulk().values()]
    rows += spot.model._base_manager.raw(
        f'SELECT * FROM "{spot.model._meta.db_table}" WHERE "{spot.model._meta.pk.column}" = %s', [spot.row().pk]
    )
    rows += [spot.rows().order_by().union(spot.rows().order_by())[0], spot.rows().distinct().get()]
    assert len(rows) == 5
    return [masked(spot, row) for row in rows]


@works()
def read_alone_or_deferred(stock: Stock, spot: Spot) -> Any:
    rows = [
        spot.rows().only(spot.field),
        spot.rows().defer(spot.field),
        spot.rows().only("pk"),
        spot.rows().defer("seal_id"),
    ]
    return [masked(spot, found.get()) for found in rows]


@works()
def refreshed(stock: Stock, spot: Spot) -> Any:
    row = spot.row()
    setattr(row, spot.field, spot.other)
    row.refresh_from_db(fields=[spot.field])
    first = masked(spot, row)
    setattr(row, spot.field, spot.other)
    row.refresh_from_db()
    return first, masked(spot, row)


@works()
def read_as_values(stock: Stock, spot: Spot) -> Any:
    rows = spot.rows()
    found = [
        rows.values()[0],
        rows.values(spot.field)[0],
        rows.values_list(spot.field)[0],
        rows.values_list("pk", spot.field)[0],
    ]
    flat = [rows.values_list(spot.field, flat=True)[0], rows.values_list(spot.field, named=True)[0][0]]
    return found, [dotted(value) for value in [found[0][spot.field], found[1][spot.field], found[3][1], *flat]]


@works()
def annotated_aggregated_and_counted(stock: Stock, spot: Spot) -> Any:
    rows = spot.rows()
    assert rows.aggregate(n=Count(spot.field))["n"] == 1
    found = [rows.annotate(x=F(spot.field)).values_list("x", flat=True)[0]]
    found += rows.aggregate(x=Max(spot.field), y=Min(spot.field)).values()
    inner = rows.model._base_manager.filter(pk=OuterRef("pk")).values(spot.field)[:1]
    found += [rows.annotate(x=Subquery(inner)).get().x]
    return [dotted(value) for value in found]


@works()
def counted_beside_whole_rows(stock: Stock, spot: Spot) -> Any:
    row = (
        spot.rows()
        .annotate(n=Count("pk"), empty=Case(When(**{f"{spot.field}__isnull": True}, then=Value(1)), default=Value(0)))
        .get()
    )
    assert (row.n, row.empty) == (1, 0)
    listed = spot.rows().values("pk", spot.field).annotate(n=Count("pk"))
    assert (listed.count(), listed.exists()) == (1, True)
    assert dotted(listed[0][spot.field])
    return masked(spot, row)


@works()
def asked_whether_it_is_empty(stock: Stock, spot: Spot) -> Any:
    full, empty = Q(**{f"{spot.field}__isnull": False}), Q(**{f"{spot.field}__isnull": True})
    assert spot.rows().filter(full).exclude(empty).count() == 1
    assert not spot.rows().filter(empty).exists()
    named = spot.rows().annotate(x=F(spot.field))
    assert named.filter(x__isnull=False).exists()
    return str(spot.rows().filter(full).query)


# --- Python ----------------------------------------------------------------------------------------------------


@works()
def copied_and_pickled_with_its_row(stock: Stock, spot: Spot) -> Any:
    row = spot.row()
    twins = [copy.copy(row), copy.deepcopy(row), pickle.loads(pickle.dumps(row))]
    return [pickle.dumps(row), *(masked(spot, twin) for twin in twins)]


@works()
def copied_and_pickled_alone(stock: Stock, spot: Spot) -> Any:
    value = spot.of(spot.row())
    assert copy.copy(value) is copy.deepcopy(value) is value
    again = pickle.loads(pickle.dumps(value))
    assert (again, str(again)) == (spot.value, spot.mask)
    return pickle.dumps(value), again, pickle.dumps(list(spot.rows().values(spot.field)))


@works()
def formatted(stock: Stock, spot: Spot) -> Any:
    value = spot.of(spot.row())
    assert f"{value:>40}".strip() == f"{value!r}" == f"{value}" == format(value) == spot.mask
    assert "%(x)s %(x)r" % {"x": value} == f"{spot.mask} {spot.mask}"  # noqa: UP031
    assert f"{value:.1}" == spot.mask[0]
    return f"{value} {[value]} { ({'x': value}) } {value.kind} {value.field} {value.commitment}"


@works()
def compared(stock: Stock, spot: Spot) -> Any:
    value = spot.of(spot.row())
    assert value == spot.value
    assert spot.value == value
    assert value != spot.other
    assert value != spot.mask
    assert value != 5
    assert value != "half a \ud800 pair"
    assert value == spot.of(spot.row())
    assert value != spot.rows().values_list(spot.field, flat=True)[0]
    assert spot.rows().values_list(spot.field, flat=True)[0] != value
    return spot.value in [value], value in ["", None]


@refused(TypeError)
def hashed(stock: Stock, spot: Spot) -> Any:
    return {spot.of(spot.row())}


@refused(TypeError)
def sorted_in_python(stock: Stock, spot: Spot) -> Any:
    return sorted([spot.of(spot.row()), spot.of(spot.row())])


@refused(TypeError)
def joined_to_a_text(stock: Stock, spot: Spot) -> Any:
    return "Dear " + spot.of(spot.row())


@refused(TypeError)
def joined_by_a_text(stock: Stock, spot: Spot) -> Any:
    return ", ".join([spot.of(spot.row())])


@refused(TypeError)
def taken_to_pieces(stock: Stock, spot: Spot) -> Any:
    return list(spot.of(spot.row()))


@refused(TypeError)
def cut(stock: Stock, spot: Spot) -> Any:
    return spot.of(spot.row())[:4]


@refused(TypeError)
def its_insides_listed(stock: Stock, spot: Spot) -> Any:
    return vars(spot.of(spot.row()))


@works()
def the_rows_insides_listed(stock: Stock, spot: Spot) -> Any:
    row = spot.row()
    assert str(vars(row)[spot.field]) == spot.mask
    return vars(row), model_to_dict(row), dir(spot.of(row)), repr(spot.of(row)._open())


# --- files and wires -------------------------------------------------------------------------------------------


@refused(TypeError)
def written_as_json(stock: Stock, spot: Spot) -> Any:
    return json.dumps({"x": spot.of(spot.row())})


@refused(TypeError)
def written_as_djangos_json(stock: Stock, spot: Spot) -> Any:
    return json.dumps({"x": spot.of(spot.row())}, cls=DjangoJSONEncoder)


@refused(TypeError)
def answered_as_json(stock: Stock, spot: Spot) -> Any:
    return JsonResponse({"rows": list(spot.rows().values(spot.field))})


@works()
def answered_as_text_or_in_a_header(stock: Stock, spot: Spot) -> Any:
    response = HttpResponse(spot.of(spot.row()))
    response["X-Value"] = spot.of(spot.row())
    assert response.content.decode() == spot.mask
    return response.content.decode(), response.serialize_headers()


@works()
def written_as_csv(stock: Stock, spot: Spot) -> Any:
    file = io.StringIO()
    csv.writer(file).writerow(["a", spot.of(spot.row())])
    csv.DictWriter(file, [spot.field]).writerows(spot.rows().values(spot.field))
    assert spot.mask in file.getvalue()
    return file.getvalue()


@works()
def logged(stock: Stock, spot: Spot) -> Any:
    row = spot.row()
    logging.getLogger("desk").warning("%s %r %s", spot.of(row), spot.of(row), vars(row))
    return "the log is looked through with everything else"


@refused(DatabaseError, sqlite3.ProgrammingError, psycopg.ProgrammingError)
def given_to_a_plain_statement(stock: Stock, spot: Spot) -> Any:
    with connection.cursor() as cursor:
        cursor.cursor.execute("SELECT %s" if connection.vendor == "postgresql" else "SELECT ?", [spot.of(spot.row())])


def fail_with(row: Any, value: Sealed, values: list[Any], inside: Any) -> None:
    raise RuntimeError(f"{row} {value!r}")


def fail_inside_the_vault(value: Sealed) -> None:
    value._kind = None  # type: ignore[assignment]
    value._place = type(value._place)(value._place.field, None)  # type: ignore[union-attr,arg-type]
    value.commitment  # noqa: B018


@works()
def caught_in_a_traceback(stock: Stock, spot: Spot) -> Any:
    return [reported(spot.rows(), spot.field, inside=inside) for inside in (False, True)]


def reported(rows: Any, name: str, *, inside: bool) -> str:
    """Everything Python and Django tell of an error with a sealed value in reach; no frame below holds a secret."""
    row = rows.get()
    value = getattr(row, name)
    try:
        if inside:
            fail_inside_the_vault(value)
        fail_with(row, value, list(rows.values()), vars(row))
    except Exception:
        error = sys.exc_info()
        request = RequestFactory().get("/")
        request.exception_reporter_filter = SafeExceptionReporterFilter()  # Django's, which tells more than ours
        told = [*traceback.TracebackException(*error, capture_locals=True).format(), traceback.format_exc()]
        reporter = ExceptionReporter(request, *error)
        assert name in reporter.get_traceback_html()
        return "".join([*told, reporter.get_traceback_html(), reporter.get_traceback_text()])
    raise AssertionError("nothing failed")


TEMPLATE = """{{ x }} {{ x|upper }} {{ x|default:"-" }} {{ x|safe }} {{ x|pprint }} {{ x|stringformat:"s" }}
{{ x|length }} {{ x|slice:":3" }} {{ x|make_list }} {{ x|urlencode }} {{ x|addslashes }} {{ x|join:"" }} {{ x.mask }}
{% if x == "PLAIN" %}same{% endif %} {% with y=x %}{{ y|force_escape }}{% endwith %} {{ row }} {{ values }}
[{{ x.expose }}{{ x._token }}]"""


@works()
def put_on_a_page_by_a_template(stock: Stock, spot: Spot) -> Any:
    row, source = spot.row(), TEMPLATE.replace("{{ x._token }}", "").replace("PLAIN", spot.value)
    row_values = list(spot.rows().values())
    page = Engine().from_string(source).render(Context({"x": spot.of(row), "row": row, "values": row_values}))
    assert spot.mask in page
    assert "same" in page
    assert page.endswith("[]")
    return page
