"""Templates: texts under a purpose that messages start from. ``{reference}`` is the only customer data in them."""

from __future__ import annotations

import re

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from consent.models import MessageTemplate, Purpose
from consent.models.acts import ConsentAct
from consent.permissions import can_keep_policies
from customers.acts.acting import Refuse, acting, lock_installation
from customers.models import Customer, StaffMember
from customers.models.acts import RefusalReason
from customers.validation.contact_data import LIKE_AN_ADDRESS
from customers.validation.errors import InvalidInput

CODE = re.compile(r"[a-z][a-z0-9_-]{2,39}", re.ASCII)
PLACE = "{reference}"
LONGEST = {"subject_vi": 120, "subject_en": 120, "text_vi": 4000, "text_en": 4000}


def templates(purpose: Purpose | None = None) -> list[MessageTemplate]:
    """The templates in use: the newest row of each code, of one purpose or of all."""
    newer = MessageTemplate.objects.filter(code=OuterRef("code"), pk__gt=OuterRef("pk"))
    rows = MessageTemplate.objects.filter(~Exists(newer), in_use=True)
    rows = rows.filter(purpose=purpose) if purpose is not None else rows
    return list(rows.select_related("purpose", "by").order_by("purpose", "code"))


def filled_in(template: MessageTemplate, customer: Customer) -> tuple[str, str]:
    """Subject and text in the customer's language, with the customer's reference in place of ``{reference}``."""
    subject, text = (getattr(template, f"{part}_{customer.locale}") for part in ("subject", "text"))
    return subject.replace(PLACE, customer.reference), text.replace(PLACE, customer.reference)


def keep_template(
    code: str,
    *,
    by: StaffMember,
    purpose: Purpose,
    subject_vi: str,
    text_vi: str,
    subject_en: str,
    text_en: str,
    in_use: bool = True,
) -> MessageTemplate:
    """Add a template, or replace the one with this code; ``in_use=False`` takes it out of use.

    Raises ``InvalidInput`` for texts that are missing, too long or hold an address, and for a code of another purpose's
    template; ``Refused`` (on record) for anybody but officers.
    """
    texts = {"subject_vi": subject_vi, "text_vi": text_vi, "subject_en": subject_en, "text_en": text_en}
    texts = {name: text.replace("\r\n", "\n").strip() for name, text in texts.items()}
    if not CODE.fullmatch(code):
        raise InvalidInput(_("A code is made of small letters, digits and dashes, for example maintenance."))
    if any(not text or len(text) > LONGEST[name] for name, text in texts.items()):
        raise InvalidInput(_("Write subject and text in both languages: 120 and 4,000 characters at most."))
    if any(not line.isprintable() for text in texts.values() for line in text.split("\n")) or any(
        "\n" in texts[name] for name in ("subject_vi", "subject_en")
    ):
        raise InvalidInput(_("There are control characters in it; type it as plain text."))
    if any(LIKE_AN_ADDRESS.search(text) for text in texts.values()):
        raise InvalidInput(_("Templates are kept in clear: no addresses or numbers in them."))
    with acting(ConsentAct.KEEP_TEMPLATE, by=by):
        if not can_keep_policies(by):
            raise Refuse(RefusalReason.NO_RIGHT, _("Officers keep the templates. The refusal is on record."))
        lock_installation()
        current = MessageTemplate.objects.filter(code=code).order_by("-pk").first()
        if current is not None and current.purpose_id != purpose.code:
            raise InvalidInput(_("A template of another purpose has this code; choose another one."))
        row = MessageTemplate(code=code, purpose=purpose, in_use=in_use, **texts)
        row.save()
    return row
