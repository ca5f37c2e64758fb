"""The demo's privacy policy, and what its customers said about being contacted; made by the acts that pages call."""

from __future__ import annotations

from contextlib import suppress

from consent.choices.consents import Evidence, grant, opt_out
from consent.models import MessageTemplate, PolicyVersion, Purpose
from consent.outreach.send import write
from consent.outreach.templates import keep_template
from consent.policies.versions import accept, confirm_publication, write_version
from customers.acts.refusals import Refused
from customers.models import Customer, StaffMember

SITES = {
    "bizflycloud.vn": "https://bizflycloud.vn/privacy-policy",
    "docs.bizflycloud.vn": "https://docs.bizflycloud.vn/privacy-policy",
}
VI = """Chính sách bảo mật (bản dùng thử)

Bản này chỉ để minh hoạ, không phải chính sách thật.
1. Email, số điện thoại, mật khẩu và thông tin truy cập dịch vụ được lưu ở dạng mã hoá.
2. Chúng được dùng để xác nhận thanh toán, hỗ trợ, nhắc gia hạn, giới thiệu sản phẩm, gửi tin khuyến mại và khảo sát.
3. Khách hàng có thể ngừng nhận tin bất cứ lúc nào qua bộ phận hỗ trợ.
"""
EN = """Privacy policy (trial text)

This text is an illustration and nobody's real policy.
1. E-mail, phone, password and service-access data are stored encrypted.
2. They are used for payment confirmations, support, renewal notices, new products, promotions and surveys.
3. Customers may stop news at any time through support.
"""
NEXT_VI = VI + "4. Tin nhắn SMS được gửi từ 7 giờ đến 22 giờ.\n"
CALLER, CONTENT = "DM0000032", "DM0000036"
"""Two customers of Hanoi: one who opted out of promotions, and one who consented to surveys."""


def tell_policy() -> None:
    """Make one version that is in effect, one that was seen on the first site only, and two message templates.

    Once only: where a version exists, nothing is done.
    """
    if PolicyVersion.objects.exists():
        return
    an = StaffMember.objects.get(username="an")
    first = write_version("2026-01", by=an, text_vi=VI, text_en=EN, is_material=True, changes="First version")
    for site, url in SITES.items():
        confirm_publication(first, by=an, site=site, language="vi", url=url, text=VI)
    coming = write_version("2026-02", by=an, text_vi=NEXT_VI, is_material=True, changes="Hours of text messages")
    site = "bizflycloud.vn"
    confirm_publication(coming, by=an, site=site, language="vi", url=SITES[site], text=NEXT_VI)
    keep_template(
        "renewal", by=an, purpose=Purpose.objects.get(code="renewal_notice"),
        subject_vi="Dịch vụ của bạn sắp hết hạn",
        text_vi="Kính gửi khách hàng {reference},\n\ndịch vụ của bạn sắp hết hạn. Vui lòng gia hạn để dùng tiếp.",
        subject_en="Your service is about to end",
        text_en="Dear customer {reference},\n\nyour service is about to end. Please renew it to go on using it.",
    )  # fmt: skip
    keep_template(
        "offer", by=an, purpose=Purpose.objects.get(code="promotions"),
        subject_vi="Ưu đãi tháng này", text_vi="Kính gửi khách hàng {reference},\n\nthêm dung lượng với giá cũ.",
        subject_en="This month's offer", text_en="Dear customer {reference},\n\nmore storage at the same price.",
    )  # fmt: skip


def tell_about_consent() -> None:
    """Make an opt-out by phone, a promotion that the gate refuses because of it, a consent, two acceptances.

    Once only: where the first customer has accepted the policy, nothing is done.
    """
    linh = StaffMember.objects.get(username="linh")
    caller, content = (Customer.objects.get(reference=reference) for reference in (CALLER, CONTENT))
    if caller.policy_acceptances.exists():
        return
    accept(caller, by=linh, how="use")
    accept(content, by=linh, how="express", evidence="T-87902")
    promotions = Purpose.objects.get(code="promotions")
    opt_out(caller, [promotions], by=linh, evidence=Evidence("phone", "T-88150", words="Xin đừng gửi khuyến mại nữa."))
    offer = MessageTemplate.objects.get(code="offer")
    with suppress(Refused):
        write(caller, promotions, "email", by=linh, template=offer)
    surveys = Purpose.objects.get(code="surveys")
    grant(content, surveys, "email", by=linh, evidence=Evidence("ticket", "T-87902"))
