"""Policy versions for tests: written and seen through the acts that do it in life."""

from __future__ import annotations

from itertools import count
from typing import Any

from consent.models import PolicyVersion, Publication
from consent.policies.versions import confirm_publication, write_version
from customers.models import StaffMember

_each = count(1)
MAIN, DOCS = "bizflycloud.vn", "docs.bizflycloud.vn"
TEXT = "Chính sách bảo mật\n\n1. Dữ liệu được niêm phong."


def version(by: StaffMember, **said: Any) -> PolicyVersion:
    """A version of the policy on file; each call another one."""
    number = next(_each)
    words = {"label": f"2026-{number}", "text_vi": f"{TEXT} {number}", "is_material": True, "changes": "More words"}
    return write_version(by=by, **{**words, **said})


def see(found: PolicyVersion, by: StaffMember, site: str = MAIN, **said: Any) -> Publication:
    """An officer saw it on a site; in Vietnamese, as it is on file."""
    words = {"language": "vi", "url": f"https://{site}/privacy-policy", "text": found.text_vi}
    return confirm_publication(found, by=by, site=site, **{**words, **said})


def in_effect(by: StaffMember, **said: Any) -> PolicyVersion:
    """A version that both sites have shown."""
    found = version(by, **said)
    see(found, by, MAIN)
    see(found, by, DOCS)
    return found
