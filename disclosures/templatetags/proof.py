"""What vouches for the log, as reports carry it."""

from __future__ import annotations

from typing import Any

from django import template

from customers.audit_log.signer import log_signer
from customers.models import Checkpoint
from customers.vault.errors import KeyringError

register = template.Library()


@register.inclusion_tag("admin/disclosures/checkpoint.html")
def newest_checkpoint() -> dict[str, Any]:
    """The newest checkpoint for the foot of whatever is printed: size, time, root, and the key it is signed with."""
    found = Checkpoint.objects.order_by("-pk").first()
    return {"checkpoint": found, "root": bytes(found.root).hex() if found else "", "key": _public_key()}


def _public_key() -> str:
    """The public key as text; nothing where the key at hand is not this database's."""
    try:
        return log_signer().vkey()
    except KeyringError:
        return ""
