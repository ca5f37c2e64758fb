"""Versions of the privacy policy: written once, seen on both sites, and in effect from then on; and their acceptance.

The time from which a version is in effect follows from its publications and is never typed.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from consent.models import PolicyAcceptance, PolicyVersion, Publication
from consent.models.acts import ConsentAct
from consent.permissions import can_keep_policies, can_record_consent
from customers.acts.acting import Refuse, acting, acting_on_customer, lock_installation
from customers.models import Customer, StaffMember
from customers.models.acts import RefusalReason
from customers.validation.contact_data import LIKE_AN_ADDRESS
from customers.validation.errors import InvalidInput
from customers.validation.tickets import normal_ticket

Site, Language, How = Publication.Site, Publication.Language, PolicyAcceptance.How
LONGEST_TEXT = 200_000
LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}", re.ASCII)


def normal_text(text: str) -> str:
    """A policy's text as stored and hashed: NFC, ``\\n`` at line ends, no white space there or around the text."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def sha256_of(text: str) -> str:
    """The SHA-256 (hex) of the text in the form of ``normal_text``, in UTF-8."""
    return hashlib.sha256(normal_text(text).encode()).hexdigest()


# --- writing and publishing -----------------------------------------------------------------------------------------


def write_version(
    label: str, *, by: StaffMember, text_vi: str, text_en: str = "", is_material: bool, changes: str
) -> PolicyVersion:
    """Put the text of a policy version on file; it cannot be changed. It is in effect once both sites have shown it.

    ``is_material``: customers have to accept it anew. Raises ``InvalidInput`` for texts that are missing or too long,
    and for a label or text that is on file already; ``Refused`` (on record) for anybody but officers.
    """
    label, changes = " ".join(label.split()), " ".join(changes.split())
    vi, en = normal_text(text_vi), normal_text(text_en)
    if not LABEL.fullmatch(label):
        raise InvalidInput(_("Name the version in letters, digits, dots and dashes, for example 2026-03."))
    if not vi or max(len(vi), len(en)) > LONGEST_TEXT or "\0" in vi + en:
        raise InvalidInput(
            _("Paste the whole Vietnamese text, in up to 200,000 characters; the English one if there is.")
        )
    if not changes or len(changes) > 300 or not changes.isprintable() or LIKE_AN_ADDRESS.search(changes):
        raise InvalidInput(_("Say in up to 300 characters what changes; no addresses or numbers in it."))
    with acting(ConsentAct.WRITE_VERSION, by=by):
        if not can_keep_policies(by):
            raise Refuse(RefusalReason.NO_RIGHT, _("Officers keep the policy. The refusal is on record."))
        lock_installation()
        if PolicyVersion.objects.filter(Q(label=label) | Q(sha256_vi=sha256_of(vi))).exists():
            raise InvalidInput(_("There is a version of that name, or with that very text, already."))
        row = PolicyVersion(
            label=label, is_material=is_material, changes=changes, text_vi=vi, sha256_vi=sha256_of(vi), text_en=en,
            sha256_en=sha256_of(en) if en else "",
        )  # fmt: skip
        row.save()
    return row


def confirm_publication(
    version: PolicyVersion, *, by: StaffMember, site: str, language: str, url: str, text: str
) -> Publication:
    """Confirm that a version is on a site now: ``text``, pasted from the page, must equal the text on file.

    Raises ``InvalidInput`` for another text, for an address that is not on the site, for a publication that is
    confirmed already and where a later version is in effect; ``Refused`` (on record) for anybody but officers.
    """
    if site not in Site.values or language not in Language.values:
        raise InvalidInput(_("Choose one of the two sites, and a language."))
    url = _normal_url(url, site)
    with acting(ConsentAct.CONFIRM_PUBLICATION, by=by):
        if not can_keep_policies(by):
            raise Refuse(RefusalReason.NO_RIGHT, _("Officers keep the policy. The refusal is on record."))
        lock_installation()
        on_file = version.sha256_vi if language == Language.VI else version.sha256_en
        if not on_file:
            raise InvalidInput(_("This version has no text in that language."))
        if sha256_of(text) != on_file:
            raise InvalidInput(
                _("What stands there is not this version: its SHA-256 is another. Have the site corrected.")
            )
        if version.publications.filter(site=site, language=language).exists():
            raise InvalidInput(_("This is confirmed already."))
        if overtaken(version):
            raise InvalidInput(_("A later version is in effect already; this one can no longer take effect."))
        row = Publication(version=version, site=site, language=language, url=url, sha256=on_file)
        row.save()
    return row


def _normal_url(url: str, site: str) -> str:
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        parts = urlsplit("")
    plain = parts.scheme == "https" and parts.netloc.lower() == site  # equal, so without user and port
    if not plain or parts.query or parts.fragment or len(url) > 300 or not url.strip().isprintable():
        raise InvalidInput(
            _("Give the page’s address on that site, beginning with https://%(site)s/.") % {"site": site}
        )
    return f"https://{site}{parts.path or '/'}"


# --- what is in effect ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Effect:
    """A version and when it is in effect (UTC), from ``since`` until ``until``.

    ``since`` None: not seen on both sites yet, or only after a later version was in effect. ``until`` None: no later
    one.
    """

    version: PolicyVersion
    since: datetime | None
    until: datetime | None = None


def effects() -> list[Effect]:
    """Every version with its time in effect, in the order they were written; the times do not overlap."""
    published_at: dict[str, dict[str, datetime]] = {}
    for row in Publication.objects.filter(language=Language.VI):
        published_at.setdefault(row.version_id, {})[row.site] = row.at
    pick = min if settings.POLICY_EFFECTIVE == "earlier" else max
    result: list[Effect] = []
    until = None
    for version in PolicyVersion.objects.order_by("-pk"):
        sites = published_at.get(version.label, {})
        since = pick(sites.values()) if len(sites) == len(Site.values) else None
        if since is not None and until is not None and since >= until:
            since = None  # a later version was in effect before, so this one never is
        result.append(Effect(version, since, until if since is not None else None))
        until = since or until
    return result[::-1]


def in_force(at: datetime | None = None) -> PolicyVersion | None:
    """The version in effect at a time (default: now); None before the first one."""
    at = at or timezone.now()
    begun = [effect for effect in effects() if effect.since is not None and effect.since <= at]
    return max(begun, key=lambda effect: (effect.since, effect.version.pk)).version if begun else None


def overtaken(version: PolicyVersion) -> bool:
    """True where a version that was written later is or was in effect."""
    return any(effect.version.pk > version.pk and effect.since is not None for effect in effects())


# --- acceptance -----------------------------------------------------------------------------------------------------


def accept(
    customer: Customer,
    *,
    by: StaffMember,
    how: str,
    version: PolicyVersion | None = None,
    accepted_at: datetime | None = None,
    evidence: str = "",
) -> PolicyAcceptance:
    """Record that a customer accepted a version (default: the one in effect then), and how.

    Raises ``InvalidInput`` where that version was not in effect then, for a time in the future, for an express
    acceptance without a ticket, and where the same is on record; ``Refused`` (on record) where ``by`` may not record
    this customer's word.
    """
    accepted_at = accepted_at or timezone.now()
    evidence = normal_ticket(evidence)
    if how not in How.values:
        raise InvalidInput(_("Choose how it was accepted."))
    if how == How.EXPRESS and not evidence:
        raise InvalidInput(_("Type the number of the ticket in which the customer accepted expressly."))
    if accepted_at > timezone.now():
        raise InvalidInput(_("That time has not come yet."))
    with acting_on_customer(customer, ConsentAct.ACCEPT_POLICY, by=by, may=can_record_consent):
        accepted = version or in_force(accepted_at)
        if accepted is None or not was_published(accepted, accepted_at):
            raise InvalidInput(_("No version of the policy was in effect then."))
        same = PolicyAcceptance.objects.filter(customer=customer, version=accepted, how=how)
        if same.exists():
            raise InvalidInput(_("This is on record already."))
        row = PolicyAcceptance(customer=customer, version=accepted, how=how, evidence=evidence, accepted_at=accepted_at)
        row.save()
    return row


def was_published(version: PolicyVersion, at: datetime) -> bool:
    """True where a version was in effect at that time."""
    effect = next(effect for effect in effects() if effect.version.pk == version.pk)
    return effect.since is not None and effect.since <= at and (effect.until is None or at < effect.until)


def to_accept(at: datetime | None = None) -> PolicyVersion | None:
    """The version customers must have accepted: the newest material one, up to the one in effect.

    Customers who have accepted neither it nor a later one are to be asked. It may never have been in effect itself,
    where a later one overtook it. None where nothing is in effect, or no version up to it is material.
    """
    current = in_force(at)
    if current is None:
        return None
    material = PolicyVersion.objects.filter(is_material=True, pk__lte=current.pk)
    return material.order_by("-pk").first()  # type: ignore[no-any-return]


def must_accept_again(customer: Customer) -> bool:
    """True where the customer has accepted neither the version of ``to_accept`` nor a later one."""
    version = to_accept()
    return version is not None and not customer_has_accepted(customer, version)


def customer_has_accepted(customer: Customer, version: PolicyVersion) -> bool:
    """True where the customer accepted this version or one written after it."""
    return PolicyAcceptance.objects.filter(customer=customer, version__pk__gte=version.pk).exists()


def accepted_by_use_only() -> QuerySet[Customer]:
    """Connected customers who accepted the version of ``to_accept``, or later ones, only by using the service.

    Vietnamese law does not take silence for consent (law 91/2025/QH15, likely), so officers see who they are.
    """
    version = to_accept()
    accepted = (
        PolicyAcceptance.objects.filter(version__pk__gte=version.pk) if version else PolicyAcceptance.objects.none()
    )
    by_use = accepted.filter(how=How.USE).values("customer")
    otherwise = accepted.exclude(how=How.USE).values("customer")
    connected = Customer.objects.filter(status=Customer.Status.CONNECTED)
    return connected.filter(pk__in=by_use).exclude(pk__in=otherwise)


def still_to_accept() -> QuerySet[Customer]:
    """Connected customers who have accepted neither the version of ``to_accept`` nor a later one."""
    version = to_accept()
    connected = Customer.objects.filter(status=Customer.Status.CONNECTED)
    if version is None:
        return connected.none()
    return connected.exclude(pk__in=PolicyAcceptance.objects.filter(version__pk__gte=version.pk).values("customer"))
