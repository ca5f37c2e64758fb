"""Setting what opens a service."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from customers.evidence.recording import recording
from customers.models import ServiceAccess, ServiceAccessChange, StaffMember
from customers.refusals import Unusable


def set_service_access(access: ServiceAccess, *, login: str, secret: str, by: StaffMember) -> ServiceAccessChange:
    """Seal a new login and secret for a service. Raises ``Unusable`` where either is empty."""
    if not login.strip() or not secret:
        raise Unusable(_("Give both a login and a secret."))
    with recording(by=by):
        access.login = login.strip()
        access.secret = secret
        access.set_at = timezone.now()
        access.save(update_fields=["login", "secret", "set_at"])
        change = ServiceAccessChange(customer=access.customer, service_access=access, fields=["login", "secret"])
        change.save()
    return change
