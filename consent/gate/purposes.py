"""The purposes that the policy names, and adding one. A new use is a new purpose, and inherits no consent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from consent.models import Channel, Purpose
from consent.models.acts import ConsentAct
from consent.permissions import can_keep_policies
from customers.acts.acting import Refuse, acting, lock_installation
from customers.acts.initial_rows import write_missing
from customers.models import StaffMember
from customers.models.acts import RefusalReason
from customers.validation.contact_data import LIKE_AN_ADDRESS
from customers.validation.errors import InvalidInput

Basis = Purpose.Basis
CONTRACT = "The contract with the customer"
POLICY = "The privacy policy: until the customer opts out; law 91/2025/QH15: with consent"
ALL = list(Channel.values)
CODE = re.compile(r"[a-z][a-z0-9_]{2,39}", re.ASCII)


class UnknownPurpose(LookupError):
    """There is no such purpose: an error of the caller, not a refusal of the gate."""


class UnknownChannel(LookupError):
    """There is no such channel: an error of the caller, not a refusal of the gate."""


def _contract(name_vi: str, name_en: str, words_vi: str, words_en: str) -> dict[str, Any]:
    words = {"name_vi": name_vi, "name_en": name_en, "words_vi": words_vi, "words_en": words_en}
    return {"basis": Basis.CONTRACT, "source": CONTRACT, "stopped_by_opt_out": False, "channels": ALL, **words}


def _news(name_vi: str, name_en: str, words_vi: str, words_en: str) -> dict[str, Any]:
    words = {"name_vi": name_vi, "name_en": name_en, "words_vi": words_vi, "words_en": words_en}
    return {"basis": Basis.OPT_OUT, "source": POLICY, "stopped_by_opt_out": True, "channels": ALL, **words}


FIRST: dict[str, dict[str, Any]] = {
    "payment_confirmation": _contract(
        "Xác nhận thanh toán", "Payment confirmation",
        "Báo cho khách biết đã nhận tiền hoặc khoản nào còn phải trả.", "Tells the customer what was paid or is due.",
    ),
    "support": _contract(
        "Hỗ trợ", "Support",
        "Trả lời và giúp khách dùng dịch vụ đã đăng ký.", "Answers and help with the services the customer has.",
    ),
    "renewal_notice": _contract(
        "Thông báo gia hạn", "Renewal notice",
        "Nhắc khách khi dịch vụ sắp hết hạn.", "Reminds the customer that a service is about to end.",
    ),
    "new_products": _news(
        "Sản phẩm, dịch vụ mới", "New products and services",
        "Giới thiệu điều mà khách chưa dùng.", "Introduces what the customer does not use yet.",
    ),
    "promotions": _news(
        "Khuyến mại và tin khác", "Promotions and other news",
        "Ưu đãi và tin tức của nhà cung cấp.", "Offers and news of the provider.",
    ),
    "surveys": _news(
        "Khảo sát dịch vụ", "Service surveys",
        "Hỏi khách có hài lòng với dịch vụ không.", "Asks whether the customer is content with a service.",
    ),
}  # fmt: skip
"""The six purposes of the policy, by code."""


def provide(*, by: StaffMember) -> int:
    """Write the policy's purposes that are missing, each with its record; returns how many were written."""
    return write_missing(_missing, lambda code: Purpose(code=code, **FIRST[code]), by=by)


def _missing() -> list[str]:
    known = set(Purpose.objects.values_list("code", flat=True))
    return [code for code in FIRST if code not in known]


def purpose_of(purpose: Purpose | str) -> Purpose:
    """A purpose by its code; a purpose is returned as it is. Raises ``UnknownPurpose``."""
    if isinstance(purpose, Purpose):
        return purpose
    row: Purpose | None = Purpose.objects.filter(code=purpose).first() if "\0" not in purpose else None
    if row is None:
        raise UnknownPurpose(_("There is no such purpose; known are: %(codes)s.") % {"codes": ", ".join(codes())})
    return row


def channel_of(channel: str) -> Channel:
    """A channel by its code. Raises ``UnknownChannel``."""
    if channel not in Channel.values:
        known = {"codes": ", ".join(Channel.values)}
        raise UnknownChannel(_("There is no such channel; known are: %(codes)s.") % known)
    return Channel(channel)


def purposes() -> list[Purpose]:
    """All purposes, those based on the contract first."""
    rows = list(Purpose.objects.order_by("pk"))
    return sorted(rows, key=lambda purpose: (purpose.is_news, purpose.pk))


def codes() -> list[str]:
    """The codes of all purposes, in the order of ``purposes``."""
    return [purpose.code for purpose in purposes()]


def add_purpose(
    code: str,
    *,
    by: StaffMember,
    basis: str,
    source: str,
    channels: Iterable[str],
    name_vi: str,
    name_en: str,
    words_vi: str,
    words_en: str,
) -> Purpose:
    """Add a purpose; nobody has consented to it yet. An opt-out stops it unless its legal basis is the contract.

    Raises ``InvalidInput`` for texts that are missing, too long or hold an address, and for a code that is taken;
    ``Refused`` (on record) for anybody but officers.
    """
    if not CODE.fullmatch(code):
        raise InvalidInput(_("A code is made of small letters, digits and underscores, for example order_status."))
    ways = [way for way in Channel.values if way in set(channels)]
    if basis not in Basis.values or not ways:
        raise InvalidInput(_("Choose a legal basis and at least one channel."))
    longest = {"name_vi": 80, "name_en": 80, "words_vi": 300, "words_en": 300, "source": 200}
    texts = {"name_vi": name_vi, "name_en": name_en, "words_vi": words_vi, "words_en": words_en, "source": source}
    texts = {name: " ".join(text.split()) for name, text in texts.items()}
    if any(not text or len(text) > longest[name] or not text.isprintable() for name, text in texts.items()):
        raise InvalidInput(_("Name and explain the purpose in both languages, and say on whose word it stands."))
    if any(LIKE_AN_ADDRESS.search(text) for text in texts.values()):
        raise InvalidInput(_("The words of a purpose are kept in clear: no addresses or numbers in them."))
    with acting(ConsentAct.ADD_PURPOSE, by=by):
        if not can_keep_policies(by):
            raise Refuse(RefusalReason.NO_RIGHT, _("Officers say what data is used for. The refusal is on record."))
        lock_installation()
        if Purpose.objects.filter(code=code).exists():
            raise InvalidInput(_("There is a purpose with this code already."))
        row = Purpose(code=code, basis=basis, stopped_by_opt_out=basis != Basis.CONTRACT, channels=ways, **texts)
        row.save()
    return row
