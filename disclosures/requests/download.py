"""Keeping, fetching and deleting sealed packages.

A package waits ``settings.PACKAGE_MINUTES``, can be fetched once, by the person who released it, and is then deleted.
"""

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
    """Store a sealed package for ``by`` to fetch. Call it inside an act.

    Deletes the request's previous package and all packages that timed out. Raises ``InvalidInput`` where the
    recipient's key has changed since the package was sealed, ``Refuse`` while disclosing is frozen.
    """
    current = request.recipient.current
    if current is None or current.age_key != sealed.age_key:
        raise InvalidInput(_("The recipient’s key was changed just now. Release it again."))
    require_not_frozen()
    delete_timed_out(Q(closes_at__lte=timezone.now()) | Q(request=request))
    until = timezone.now() + timedelta(minutes=settings.PACKAGE_MINUTES)
    record = PackageMade(
        request=request, sha256=sealed.sha256, size=len(sealed.content), age_key=sealed.age_key, closes_at=until
    )
    record.save()
    package = Package(request=request, person=by, content=sealed.content, sha256=sealed.sha256, closes_at=until)
    package.save()
    return package


@dataclass(frozen=True)
class Fetched:
    """A sealed package to download; ``name`` is its file name, made of the request's number."""

    content: bytes = field(repr=False)
    name: str


def fetch(request: DisclosureRequest, *, by: StaffMember) -> Fetched:
    """Return the package of a request to the person who released it, and delete it in the same act.

    Raises ``InvalidInput`` where the package was fetched or timed out, or the recipient's key has changed; ``Refused``
    (on record) for anybody else, where the legal basis is no longer in force, and while disclosing is frozen.
    """
    with acting_on_request(request, DisclosureAct.FETCH, by=by, may=can_propose) as locked_request:
        package = Package.objects.filter(request=locked_request).select_for_update().first()
        if package is None or package.closes_at <= timezone.now():
            raise InvalidInput(_("There is no package to fetch: it was fetched, or its time is over. Make it again."))
        if package.person_id != by.pk:
            raise Refuse(
                DisclosureRefusalReason.NOT_REQUESTER,
                _("Whoever released the package fetches it. The refusal is on record."),
            )
        # the legal basis may have ended while the package waited
        require_legal_basis(locked_request, approved_lines(locked_request))
        require_not_frozen()
        record = PackageMade.objects.get(sha256=package.sha256)
        if locked_request.recipient.current is None or locked_request.recipient.current.age_key != record.age_key:
            raise InvalidInput(_("The recipient’s key was changed just now. Release it again."))
        fetched = Fetched(bytes(package.content), f"{locked_request.number}.zip.age")
        PackageGone(made=record, request=locked_request, how=PackageGone.How.FETCHED).save()
        package.delete()
    return fetched


def delete_timed_out(condition: Q | None = None) -> int:
    """Delete the packages of a condition (default: those that timed out), on record; returns their number.

    Call it inside an act.
    """
    waiting = Package.objects.filter(condition or Q(closes_at__lte=timezone.now()))
    packages = list(waiting.order_by("pk").select_for_update())
    for package in packages:
        record = PackageMade.objects.get(sha256=package.sha256)
        PackageGone(made=record, request_id=package.request_id, how=PackageGone.How.TIMED_OUT).save()
        package.delete()
    return len(packages)


def delete_packages(*, by: StaffMember) -> int:
    """Delete packages that timed out, as an act of its own, for the command that cron runs; returns their number."""
    if not Package.objects.filter(closes_at__lte=timezone.now()).exists():
        return 0
    with suppress(_NoneLeft), recording(by=by):
        if count := delete_timed_out():
            return count
        raise _NoneLeft
    return 0


class _NoneLeft(Exception):
    """Ends the act without a record: the packages were deleted or fetched by somebody else in the meantime."""
