"""The frame of every act that somebody at the desk does: who acts is held still, and a no is on record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.acts.refusals import refuse
from customers.evidence.recording import recording
from customers.models import Customer, Installation, StaffMember
from customers.models.acts import ActCode, ReasonCode, RefusalReason
from customers.models.state_machine import TransitionNotAllowed
from customers.permissions.casework import can_work_on
from customers.validation.errors import InvalidInput


class Refuse(Exception):
    """Raised inside ``acting``: what was begun is undone, the refusal is put on record, ``Refused`` is raised."""

    def __init__(self, why: ReasonCode, sentence: str) -> None:
        super().__init__(sentence)
        self.why = why
        self.sentence = sentence


@contextmanager
def acting(
    act: ActCode,
    *,
    by: StaffMember,
    customer: Customer | None = None,
    datum: str = "",
    about: StaffMember | None = None,
) -> Iterator[None]:
    """``recording(by=by)`` for an act that asks about rights and budgets inside, after whoever changes them.

    The rows of ``by`` (and of ``about``, whose rights the act changes) are locked first, in the order of their keys;
    every act that gives or takes one person's rights, or spends a person's budget, takes that lock. Raises ``Refused``
    (on record) where ``by`` is no longer at the desk or the block raises ``Refuse``; ``InvalidInput`` for a move that
    the state of its row no longer allows: of two at once, the other is told.
    """
    try:
        with recording(by=by):
            lock_actor(by, about)
            if customer is not None:
                customer.refresh_from_db(fields=["team"])  # somebody may have moved it since it was read
            yield
    except TransitionNotAllowed as late:
        sentence = _("Nothing was done: meanwhile this is “%(state)s”. Look at it again.")
        raise InvalidInput(sentence % {"state": late.state}) from None
    except Refuse as no:
        refuse(act, by=by, why=no.why, sentence=no.sentence, customer=customer, datum=datum, about=about)


def lock_actor(by: StaffMember, about: StaffMember | None = None) -> None:
    """Lock those rows until the act ends. Raises ``Refuse`` where ``by`` was ended meanwhile."""
    keys = {person.pk for person in (by, about) if person is not None}
    people = StaffMember.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True)
    held = {person.pk: person for person in people}
    if not (by.is_reserved or held[by.pk].is_active):
        raise Refuse(RefusalReason.ENDED, _("Your access has ended, so this was not done. Ask an administrator."))


def lock_installation() -> None:
    """Wait for whoever else is writing what both would have to see: new teams and memberships, addresses and holds.

    On PostgreSQL the installation's row is the lock; on SQLite an act has the database for itself. Inside an act.
    """
    Installation.objects.select_for_update().get()


NO_WORK = gettext_lazy("You do not work on this customer’s requests. The refusal is on record.")


@contextmanager
def acting_on_customer(
    customer: Customer,
    act: ActCode,
    *,
    by: StaffMember,
    may: Callable[[StaffMember, Customer], bool] = can_work_on,
    other_customers: Iterable[int] = (),
    sentence: str | Promise = NO_WORK,
) -> Iterator[None]:
    """``acting`` on one customer: one act at a time on each.

    ``other_customers`` are keys of others that the act touches; all are locked in the order of their keys. ``may`` says
    who may; raises ``Refused`` (on record), with ``sentence``, for anybody else.
    """
    with acting(act, by=by, customer=customer):
        keys = sorted({customer.pk, *other_customers})
        list(Customer.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True).values_list("pk"))
        customer.refresh_from_db(fields=["team", "status"])
        if not may(by, customer):
            raise Refuse(RefusalReason.NO_RIGHT, str(sentence))
        yield
