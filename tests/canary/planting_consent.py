"""What the planted customers said about being contacted, and what was written to them."""

from __future__ import annotations

from contextlib import suppress

from django.utils import timezone

from consent.choices.consents import Evidence, grant, opt_out
from consent.gate import limits, purposes
from consent.gate.purposes import purpose_of
from consent.models import Message, PolicyVersion
from consent.outreach.send import write
from consent.outreach.templates import keep_template
from consent.policies.versions import accept, confirm_publication, write_version
from customers.acts.refusals import Refused
from customers.evidence.recording import recording
from customers.models import Customer, StaffMember
from tests import factories

TEXT, COMING = "Chính sách bảo mật", "Chính sách bảo mật, bản sau"
SITES = ("bizflycloud.vn", "docs.bizflycloud.vn")
WORDS = {"subject_vi": "Ưu đãi", "text_vi": "Cho {reference}", "subject_en": "Offer", "text_en": "For {reference}"}


def sow_policy() -> None:
    """Purposes, limits, a version in effect, one that no site has shown, and a template; once."""
    purposes.provide(by=factories.system())
    limits.provide(by=factories.system())
    if PolicyVersion.objects.exists():
        return
    keeper = factories.person("keeper-of-policies", "Compliance officer")
    version = write_version("2026-01", by=keeper, text_vi=TEXT, is_material=True, changes="First version")
    for site in SITES:
        confirm_publication(version, by=keeper, site=site, language="vi", url=f"https://{site}/policy", text=TEXT)
    write_version("2026-02", by=keeper, text_vi=COMING, is_material=False, changes="A word")
    keep_template("offer", by=keeper, purpose=purpose_of("promotions"), **WORDS)


def sow_consent(customer: Customer, value: dict[str, str], *, by: StaffMember) -> None:
    """No surveys, and one stopped for it; promotions by e-mail; the policy by use; and a message on record."""
    sow_policy()
    surveys, promotions = purpose_of("surveys"), purpose_of("promotions")
    opt_out(customer, [surveys], by=by, evidence=Evidence("phone", words=value["ConsentEvent.words"]))
    with suppress(Refused):
        write(customer, surveys, "email", by=by, subject="?", text="?")
    grant(customer, promotions, "email", by=by, evidence=Evidence("ticket", "T-88119"))
    accept(customer, by=by, how="use")
    point = customer.contact_points.get(channel="email", state="active")
    with recording(by=factories.system()):
        Message(
            customer=customer, contact_point=point, purpose=promotions, channel="email", is_news=True,
            language=customer.locale, field=point.address.field, row_seal_id=point.seal_id, datum=point.address.kind,
            text=value["Message.text"], closes_at=timezone.now(),
        ).save()  # fmt: skip
