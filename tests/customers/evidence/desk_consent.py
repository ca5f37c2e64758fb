"""At least one row in each table of consent, through the acts that write them in life."""

from __future__ import annotations

from contextlib import suppress

from django.core import mail

from consent.choices.consents import Evidence, opt_out
from consent.gate import limits, purposes
from consent.gate.limits import set_limit
from consent.gate.purposes import add_purpose, purpose_of
from consent.outreach.send import write
from consent.outreach.templates import keep_template
from consent.policies.versions import accept, confirm_publication, write_version
from customers.acts.refusals import Refused
from customers.models import Customer
from tests import factories

SITES = ("bizflycloud.vn", "docs.bizflycloud.vn")
PURPOSE = {"name_vi": "Mẹo", "name_en": "Tips", "words_vi": "Mẹo dùng dịch vụ", "words_en": "How to use a service"}
WORDS = {"subject_vi": "Gia hạn", "text_vi": "Sắp hết hạn", "subject_en": "Renewal", "text_en": "Ends soon"}


def desk_consent(customer: Customer) -> None:
    """A purpose, a limit and a policy of this customer's time; an acceptance, an opt-out, a promotion that was stopped.

    And a renewal notice that left.
    """
    purposes.provide(by=factories.system())
    limits.provide(by=factories.system())
    mail.outbox = getattr(mail, "outbox", [])
    named = customer.reference.lower().replace("-", "_")
    officer = factories.person(f"keeper-{named}", "Compliance officer")
    add_purpose(f"tips_{named}", by=officer, basis="opt_in", source="The policy", channels=["email"], **PURPOSE)
    set_limit(
        "sms", by=officer, from_hour=8, to_hour=20, a_day=2, source="Own promise", confidence="open", verified=True
    )
    text = f"Chính sách bảo mật, bản {named}"
    version = write_version(named, by=officer, text_vi=text, is_material=True, changes="Another version")
    for site in SITES:
        confirm_publication(version, by=officer, site=site, language="vi", url=f"https://{site}/", text=text)
    renewal, promotions = purpose_of("renewal_notice"), purpose_of("promotions")
    accept(customer, by=officer, how="registration")
    template = keep_template("renewal", by=officer, purpose=renewal, **WORDS)
    opt_out(customer, [promotions], by=officer, evidence=Evidence("phone", "T-1", words="thôi quảng cáo"))
    with suppress(Refused):
        write(customer, promotions, "email", by=officer, subject="Ưu đãi", text="Thêm dung lượng")
    write(customer, renewal, "email", by=officer, template=template)
