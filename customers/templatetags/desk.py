"""Tags and filters that show masks, times and codes in the same way on every page."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.utils import timezone
from django.utils.dateformat import format as formatted
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from customers.acts.refusals import ACTS, WHYS
from customers.models import Refusal, Role
from customers.models.requests import About
from customers.models.staff import RIGHTS_ON_CUSTOMERS
from customers.vault.kinds import Kind
from customers.vault.sealed import Sealed

register = template.Library()

FORMATS = {
    "vi": {
        "today": "H:i",
        "year": "H:i, j/n",
        "time": "H:i, j/n/Y",
        "exact": "H:i:s, j/n/Y (O)",
        "day": "j/n/Y",
        "weekday": "l, j/n/Y",
    },
    "en": {
        "today": "H:i",
        "year": "j M, H:i",
        "time": "j M Y, H:i",
        "exact": "j F Y, H:i:s (O)",
        "day": "j M Y",
        "weekday": "l j F Y",
    },
}
"""Date formats per language; Django's short English date puts the month first, so it is not used."""


@register.simple_tag
def mask(value: Sealed | None) -> SafeString:
    """The mask of a sealed value; a dash for None, and a note where it cannot be decrypted."""
    if value is None:
        return format_html('<span class="quiet">{}</span>', "–")
    if value.trouble:
        return format_html('<span class="mask">{}</span> <span class="state bad">{}</span>', value, _("unreadable"))
    return format_html('<span class="mask">{}</span>', value)


@register.filter
def is_chips(field: BoundField) -> bool:
    """True for a field whose choices are all visible: radio buttons or checkboxes."""
    return isinstance(field.field.widget, RadioSelect | CheckboxSelectMultiple)


@register.filter
def is_tick(field: BoundField) -> bool:
    """True for a single checkbox."""
    return type(field.field.widget) is CheckboxInput


@register.simple_tag
def about_in_words(about: list[str]) -> str:
    """The labels of the data a request is about, joined by commas."""
    words = dict(About.choices)
    return ", ".join(str(words.get(code, code)) for code in about)


@register.simple_tag
def old_or_new(value: object) -> SafeString:
    """A value of a history version: a mask where it is sealed, else the value."""
    if value is None or isinstance(value, Sealed):
        return mask(value)
    if isinstance(value, datetime | date):
        return day(value)
    return format_html("{}", value)


@register.simple_tag
def time_left(at: datetime) -> str:
    """The time until ``at``, or since it, in its two largest units: ``1 day, 4 hours``."""
    now = timezone.now()
    return timesince(at, now) if at < now else timeuntil(at, now)


@register.simple_tag
def is_past(at: datetime) -> bool:
    """Whether a time has passed."""
    return at < timezone.now()


@register.simple_tag
def exact_text(at: datetime) -> str:
    """A time to the second as plain text, for places where no HTML element fits."""
    formats = FORMATS.get((get_language() or "")[:2], FORMATS["en"])
    return formatted(timezone.localtime(at), formats["exact"])


@register.simple_tag
def datum_kind(code: str) -> str:
    """The label of a kind of datum, capitalised."""
    return capfirst(str(Kind(code).label))


@register.simple_tag
def rights_in_words(rights: list[str]) -> str:
    """The labels of rights on a customer, joined by commas."""
    words = dict(RIGHTS_ON_CUSTOMERS)
    return ", ".join(str(words.get(right, right)) for right in rights)


@register.simple_tag
def role_name(role: Role) -> str:
    """A role's name in the reader's language."""
    return _(role.name)


@register.simple_tag
def refused_act(refusal: Refusal) -> str:
    """The label of a refused act, with the kind of datum where there is one."""
    act = str(ACTS.get(refusal.act, refusal.act))
    datum = str(Kind(refusal.datum).label) if refusal.datum in Kind.values else ""
    return ": ".join(filter(None, [act, datum]))


@register.simple_tag
def refused_why(refusal: Refusal) -> str:
    """The label of the reason of a refusal."""
    return str(WHYS.get(refusal.why, refusal.why))


@register.simple_tag
def when(at: datetime) -> SafeString:
    """A time without the parts that are as today; the exact time in the element's attributes."""
    local, now = timezone.localtime(at), timezone.localtime()
    return _time(local, "today" if local.date() == now.date() else "year" if local.year == now.year else "time")


@register.simple_tag
def until(at: datetime) -> SafeString:
    """A deadline: "the end of" a day where it is at midnight, else the time."""
    local = timezone.localtime(at)
    if local.time() != datetime.min.time():
        return format_html(_("{} today"), when(at)) if local.date() == timezone.localdate() else when(at)
    return format_html(_("the end of {}"), _time(local - timedelta(microseconds=1), "day"))


@register.simple_tag
def exactly(at: datetime) -> SafeString:
    """A time to the second, with its offset from UTC."""
    return _time(timezone.localtime(at), "exact")


@register.simple_tag
def day(on: date | datetime) -> SafeString:
    """A day; of a time, the exact time in the element's attributes."""
    return _time(timezone.localtime(on) if isinstance(on, datetime) else on, "day")


@register.simple_tag
def today() -> SafeString:
    """The present day with the day of the week."""
    return _time(timezone.localdate(), "weekday")


def _time(local: date | datetime, shape: str) -> SafeString:
    formats = FORMATS.get((get_language() or "")[:2], FORMATS["en"])
    text = formatted(local, formats[shape])
    if not isinstance(local, datetime):
        return format_html('<time datetime="{}">{}</time>', local.isoformat(), text)
    exact = formatted(local, formats["exact"])
    machine = local.isoformat(timespec="seconds")
    return format_html('<time datetime="{}" title="{}">{}</time>', machine, exact, text)
