"""At least one row in each table of consent, through the acts that write them in life."""

from __future__ import annotations

from contextlib import suppress

from django.core import mail

from consent import limits, purposes
from consent.consents import Said, object_to
from consent.models import PolicyVersion
from consent.policies import accept, confirm_publication, write_version
from consent.purposes import purpose_of
from consent.wording import keep_template
from consent.write import write
from customers.models import Customer
from customers.refusals import Refused
from tests import making

TEXT = "Chính sách bảo mật"
WORDS = {"subject_vi": "Gia hạn", "text_vi": "Sắp hết hạn", "subject_en": "Renewal", "text_en": "Ends soon"}


def desk_consent(customer: Customer) -> None:
    """A policy in effect and accepted, an opt-out, a promotion that was stopped for it, a renewal notice that left."""
    purposes.provide(by=making.system())
    limits.provide(by=making.system())
    mail.outbox = getattr(mail, "outbox", [])
    officer = making.person(f"keeper-{customer.reference}", "Compliance officer")
    renewal, promotions = purpose_of("renewal_notice"), purpose_of("promotions")
    if not PolicyVersion.objects.exists():
        version = write_version("2026-01", by=officer, text_vi=TEXT, is_material=True, changes="First version")
        for site in ("bizflycloud.vn", "docs.bizflycloud.vn"):
            confirm_publication(version, by=officer, site=site, language="vi", url=f"https://{site}/", text=TEXT)
    accept(customer, by=officer, how="registration")
    template = keep_template("renewal", by=officer, purpose=renewal, **WORDS)
    object_to(customer, [promotions], by=officer, said=Said("phone", "T-1", words="thôi quảng cáo"))
    with suppress(Refused):
        write(customer, promotions, "email", by=officer, subject="Ưu đãi", text="Thêm dung lượng")
    write(customer, renewal, "email", by=officer, template=template)
