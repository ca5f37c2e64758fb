"""The register of other organisations' pages that letters may link to, and the act that sends such links."""

from __future__ import annotations

import re
from contextlib import suppress
from urllib.parse import unquote_plus, urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import Q
from django.utils.translation import gettext as _

from customers.acts.acting import Refuse, acting, acting_on_customer, lock_installation
from customers.casework.addresses import written_to
from customers.casework.requests import lock_workable_request
from customers.messages import letters
from customers.messages.notices import Letter, prepare, send
from customers.models import (
    ContactPoint,
    Customer,
    CustomerRequest,
    NameIndex,
    Notice,
    OutsideLink,
    OutsideLinkChange,
    StaffMember,
)
from customers.models.acts import Act, RefusalReason
from customers.permissions.casework import can_handle, can_keep_rules
from customers.validation.contact_data import LIKE_AN_ADDRESS
from customers.validation.errors import InvalidInput
from customers.vault.blind_index import NotNormal, email_index, name_words, phone_index, whole_name_index

DATA = RefusalReason.CUSTOMER_DATA_IN_LINK


def add_link(url: str, *, by: StaffMember, title_vi: str, title_en: str) -> OutsideLink:
    """Add another organisation's page to the register.

    Raises ``InvalidInput`` for an invalid https address or title, or one that is in the register already; ``Refused``
    (on record) for an address that carries a customer's data, or where ``by`` may not keep the rules.
    """
    url, titles = url.strip(), [" ".join(title.split()) for title in (title_vi, title_en)]
    _require_url(url)
    if not all(title and len(title) <= 100 and title.isprintable() for title in titles):
        raise InvalidInput(_("Give the link a title in each language, of at most 100 characters."))
    if any(LIKE_AN_ADDRESS.search(title) for title in titles):
        raise InvalidInput(_("A title stands in clear; choose one without an address or a number."))
    with acting(Act.ADD_LINK, by=by):
        lock_installation()
        if not can_keep_rules(by):
            raise Refuse(RefusalReason.NO_RIGHT, _("Officers keep the register of links. The refusal is on record."))
        if carries_customer_data(url):
            raise Refuse(DATA, _("This address carries a customer’s data; a link of the desk never does."))
        if OutsideLink.objects.filter(url=url, is_active=True).exists():
            raise InvalidInput(_("This link is in the register already."))
        link = OutsideLink(url=url, title_vi=titles[0], title_en=titles[1])
        link.save()
        OutsideLinkChange(link=link, url=url, is_active=True).save()
    return link


def _require_url(url: str) -> None:
    if not url.isprintable():
        raise InvalidInput(_("Type a whole address that begins with https://."))
    try:
        URLValidator(schemes=["https"])(url)
    except ValidationError:
        raise InvalidInput(_("Type a whole address that begins with https://.")) from None
    if len(url) > 300 or urlsplit(url).username or urlsplit(url).password:
        raise InvalidInput(_("Type a whole address that begins with https://."))


def end_link(link: OutsideLink, *, by: StaffMember) -> None:
    """Take a link out of use. Raises ``InvalidInput`` where it is out of use already, ``Refused`` as ``add_link``."""
    with acting(Act.END_LINK, by=by):
        if not can_keep_rules(by):
            raise Refuse(RefusalReason.NO_RIGHT, _("Officers keep the register of links. The refusal is on record."))
        current = OutsideLink.objects.select_for_update(no_key=True).get(pk=link.pk)
        if not current.is_active:
            raise InvalidInput(_("This link is out of use already."))
        current.is_active = False
        current.save()
        OutsideLinkChange(link=current, url=current.url, is_active=False).save()


def carries_customer_data(url: str) -> bool:
    """True where any part of a URL, percent-encoded or not, looks like an address or number or names a customer."""
    parts = urlsplit(url)
    texts = [parts.hostname or "", *(_plain(part) for part in (parts.path, parts.query, parts.fragment))]
    if any(LIKE_AN_ADDRESS.search(text) for text in texts):
        return True
    words = {word for text in texts for word in re.split(r"[\s/?&=;,:]+", text) if word}
    pieces = {piece for text in texts for piece in re.split(r"[^0-9A-Za-z-]+", text) if piece}
    names = [re.sub(r"[-_+.]+", " ", word) for word in re.split(r"[/?&=;]+", " ".join(texts))]
    return _on_file(words | pieces) or _is_named(names)


def _plain(text: str) -> str:
    """A part of a URL, percent-decoded up to five times."""
    for _round in range(5):
        if (decoded := unquote_plus(text)) == text:
            break
        text = decoded
    return text


def _is_named(texts: list[str]) -> bool:
    """Whether one of the texts is a customer's whole name, of two words or more."""
    digests = {whole_name_index(text) for text in texts if len(name_words(text)) > 1}
    return NameIndex.objects.filter(digest__in=digests).exists()


def _on_file(words: set[str]) -> bool:
    """Whether one of the words is the reference, e-mail address or phone number of a customer on file."""
    indexes = Q(pk__in=())
    for word in words:
        for column, index in (("email_index", email_index), ("phone_index", phone_index)):
            with suppress(NotNormal):
                indexes |= Q(**{column: index(word)})
    references = {spelling for word in words for spelling in (word, word.upper(), word.lower())}
    return Customer.objects.filter(reference__in=references).exists() or ContactPoint.objects.filter(indexes).exists()


def send_links(request: CustomerRequest, links: list[OutsideLink], *, by: StaffMember) -> Letter:
    """Send links of the register, with the notice that other organisations run the pages. Returns the letter, sent.

    Raises ``InvalidInput`` without a link in use or an address to write to; ``Refused`` (on record) without the right
    or where a link carries a customer's data by now.
    """
    with acting_on_customer(request.customer, Act.SEND_LINKS, by=by, may=can_handle):
        current = lock_workable_request(request, by=by)
        chosen = list(OutsideLink.objects.filter(pk__in=[link.pk for link in links], is_active=True).order_by("pk"))
        if not chosen:
            raise InvalidInput(_("Choose a link from the register."))
        if len(chosen) != len({link.pk for link in links}):
            raise InvalidInput(_("One of these links is out of use by now; choose again."))
        if any(carries_customer_data(link.url) for link in chosen):
            raise Refuse(DATA, _("This address carries a customer’s data; a link of the desk never does."))
        point = written_to(current.customer)
        if point is None:
            raise InvalidInput(_("The customer has no address in use that may be written to."))
        letter = prepare(point, Notice.What.LINKS, letters.links(current.customer, current, chosen), request=current)
    return send(letter, by=by)
