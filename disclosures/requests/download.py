"""A sealed package waits for minutes, is fetched once by whoever released it, and is gone after."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.acts.acting import Refuse
from customers.evidence.recording import recording
from customers.models import StaffMember
from customers.validation.errors import InvalidInput
from disclosures.models import DisclosureRequest, Package, PackageGone, PackageMade
from disclosures.models.acts import DisclosureAct, DisclosureRefusalReason
from disclosures.permissions import can_propose
from disclosures.requests.decisions import approved_lines, require_legal_basis
from disclosures.requests.package import SealedPackage
from disclosures.requests.register import acting_on_request
from disclosures.tamper_check.tamper_check import require_not_frozen


def keep(request: DisclosureRequest, sealed: SealedPackage, *, by: StaffMember) -> Package:
    """Keep a sealed package to be fetched; the one before it, and whatever else timed out, is deleted. Inside an act.

    Raises ``InvalidInput`` where the recipient's key is another one since it was sealed.
    """
    current = request.recipient.current
    if current is None or current.age_key != sealed.age_key:
        raise InvalidInput(_("The recipient’s key was changed just now. Release it again."))
    require_not_frozen()
    delete_timed_out(Q(closes_at__lte=timezone.now()) | Q(request=request))
    until = timezone.now() + timedelta(minutes=settings.PACKAGE_MINUTES)
    made = PackageMade(
        request=request, sha256=sealed.sha256, size=len(sealed.content), age_key=sealed.age_key, closes_at=until
    )
    made.save()
    package = Package(request=request, person=by, content=sealed.content, sha256=sealed.sha256, closes_at=until)
    package.save()
    return package


@dataclass(frozen=True)
class Fetched:
    """A sealed package on its way out, under a name of our own."""

    content: bytes = field(repr=False)
    name: str


def fetch(request: DisclosureRequest, *, by: StaffMember) -> Fetched:
    """The package, once, to whoever released it, within its minutes; it is deleted in the same act.

    Raises ``InvalidInput`` where there is none any more, ``Refused`` (on record) for anybody else.
    """
    with acting_on_request(request, DisclosureAct.FETCH, by=by, may=can_propose) as now:
        package = Package.objects.filter(request=now).select_for_update().first()
        if package is None or package.closes_at <= timezone.now():
            raise InvalidInput(_("There is no package to fetch: it was fetched, or its time is over. Make it again."))
        if package.person_id != by.pk:
            raise Refuse(
                DisclosureRefusalReason.NOT_REQUESTER,
                _("Whoever released the package fetches it. The refusal is on record."),
            )
        require_legal_basis(now, approved_lines(now))  # what it rests on may have ended while it waited
        require_not_frozen()
        made = PackageMade.objects.get(sha256=package.sha256)
        if now.recipient.current is None or now.recipient.current.age_key != made.age_key:
            raise InvalidInput(_("The recipient’s key was changed just now. Release it again."))
        fetched = Fetched(bytes(package.content), f"{now.number}.zip.age")
        PackageGone(made=made, request=now, how=PackageGone.How.FETCHED).save()
        package.delete()
    return fetched


def delete_timed_out(condition: Q | None = None) -> int:
    """Delete packages whose time is over, on record, inside an act under way; returns how many."""
    waiting = Package.objects.filter(condition or Q(closes_at__lte=timezone.now()))
    gone = list(waiting.order_by("pk").select_for_update())
    for package in gone:
        made = PackageMade.objects.get(sha256=package.sha256)
        PackageGone(made=made, request_id=package.request_id, how=PackageGone.How.TIMED_OUT).save()
        package.delete()
    return len(gone)


def delete_packages(*, by: StaffMember) -> int:
    """The same as an act of its own, for the command that cron runs."""
    if not Package.objects.filter(closes_at__lte=timezone.now()).exists():
        return 0
    with suppress(_NoneLeft), recording(by=by):
        if gone := delete_timed_out():
            return gone
        raise _NoneLeft
    return 0


class _NoneLeft(Exception):
    """Somebody else has just deleted or fetched them: there is nothing to put on record."""
