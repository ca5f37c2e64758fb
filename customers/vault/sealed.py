"""``Sealed``: what reading a sealed field gives. It shows its mask and keeps its value."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

from django.db.models import Value

from customers.evidence.accounting import Opening, why_unaccounted
from customers.vault import tokens
from customers.vault.errors import NotAccounted, SealedMisuse, Unreadable
from customers.vault.kinds import NEVER_OPENED, Kind
from customers.vault.masking import HIDDEN, mask

if TYPE_CHECKING:
    from django.db.models import Model

    from customers.evidence.append_only import AppendOnly

ELSEWHERE = "A sealed value cannot be stored elsewhere or asked for in a query; find it by its blind index."


class Sealed:
    """A sealed value: token, kind, and, once read from a row, the place it is bound to.

    ``str``, ``repr``, ``format``, templates and CSV show the mask; JSON encoders get the mask or a refusal.
    Equality compares contents inside the vault. It cannot be hashed, ordered, or used in a query.
    """

    __slots__ = ("_kind", "_place", "_row", "_seen", "_token")

    def __init__(self, token: str, kind: Kind, place: tokens.Place | None = None, row: Model | None = None) -> None:
        self._token = token
        self._kind = kind
        self._place = place
        self._row = row
        self._seen: tuple[str, str] | None = None

    # --- what anybody may ask ----------------------------------------------------------------------------

    @property
    def kind(self) -> Kind:
        """The kind of datum."""
        return self._kind

    @property
    def field(self) -> str:
        """``app.Model.field`` it is bound to, or "" for one read without its row."""
        return self._place.field if self._place else ""

    @property
    def mask(self) -> str:
        """What is shown instead. ``HIDDEN`` where it is secret, unreadable, or read without its row."""
        return self._summary()[0]

    @property
    def trouble(self) -> str:
        """Why it cannot be read, in one sentence without the value; "" where it can."""
        return self._summary()[1]

    @property
    def commitment(self) -> str:
        """Hex SHA-256 of salt and value, for evidence. Raises ``Unreadable``."""
        return self._open().commitment()

    # --- the one way to plaintext ------------------------------------------------------------------------

    def expose(self, record: AppendOnly) -> str:
        """The value, against the committed record that accounts for this opening.

        ``record`` must be on record, out of its transaction, still in force, and name this customer, this kind,
        this field and this row. Raises ``NotAccounted`` where it does not, ``Unreadable`` where the value cannot
        be opened, and ``NotAccounted`` for kinds that are never opened.
        """
        from customers.evidence.append_only import AppendOnly  # it asks for the settings' user model

        if not isinstance(record, AppendOnly):
            raise NotAccounted("A value is opened against a record of the log, and this is none.")
        if self._kind in NEVER_OPENED:
            raise NotAccounted("An account password is never opened, by anybody.")
        if self._place is None or self._row is None:
            raise NotAccounted("This value was read without its row, so no record can account for opening it.")
        if record._state.db not in (None, self._row._state.db):
            raise NotAccounted("This record lies in another database than the value.")
        opening = Opening(owner_of(self._row), str(self._kind), self._place.field, str(self._place.seal_id))
        try:
            refusal = why_unaccounted(record, opening)
        except RuntimeError as error:  # a transaction is open around it
            raise NotAccounted("Nothing is committed inside an open transaction; open the value after it.") from error
        if refusal:
            raise NotAccounted(refusal)
        return self._open().value

    expose.alters_data = True  # type: ignore[attr-defined]  # a template that calls it gets nothing

    # --- inside the vault --------------------------------------------------------------------------------

    def _summary(self) -> tuple[str, str]:
        """Mask and trouble, found by one opening and kept, as pages ask for both; neither tells the value."""
        if self._seen is None:
            try:
                self._seen = (mask(self._kind, self._open().value), "")
            except (Unreadable, SealedMisuse) as error:
                self._seen = (HIDDEN, str(error))
        return self._seen

    def _open(self) -> tokens.Opened:
        if self._place is None:
            raise SealedMisuse("This sealed value was read without its row and cannot be opened; read the row.")
        return tokens.unseal(self._token, self._place)

    # --- everything else shows the mask, or refuses ------------------------------------------------------

    def __str__(self) -> str:
        return self.mask

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return format(self.mask, spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, str | Sealed):
            return NotImplemented
        if isinstance(other, Sealed) and (self._token, self._place) == (other._token, other._place):
            return True
        try:
            theirs = other if isinstance(other, str) else other._open().value
            return hmac.compare_digest(self._open().value.encode(), theirs.encode(errors="surrogatepass"))
        except (Unreadable, SealedMisuse):  # what cannot be read is equal to itself only
            return False

    def __hash__(self) -> int:
        raise SealedMisuse("A sealed value has no hash: sets and dictionaries would compare it. Use its row's key.")

    def __copy__(self) -> Sealed:
        return self

    def __deepcopy__(self, memo: Any) -> Sealed:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        # Pickles hold the token, not the row: what comes back shows its mask and cannot be exposed.
        return (Sealed, (str(self._token), self._kind, self._place))

    def resolve_expression(self, query: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Refuse to be an operand, but for two that ask no more than they may.

        Constraint validation, which only asks for null or not, gets a stand-in; ``loaddata`` gets its token back.
        """
        if query is not None and query.model is None:
            return Value(HIDDEN).resolve_expression(query, *args, **kwargs)
        if isinstance(self._token, tokens.DumpedToken):
            return DumpedValue(self._token)
        raise SealedMisuse(ELSEWHERE)

    def as_sql(self, *args: Any) -> Any:
        """Refused; being asked keeps ``Value()`` from turning it into text."""
        raise SealedMisuse(ELSEWHERE)


class DumpedValue(Value):
    """A dumped token on its way into its column; any other column refuses it."""

    def as_sql(self, *args: Any, **kwargs: Any) -> Any:
        """Refused."""
        raise SealedMisuse(ELSEWHERE)


def owner_of(row: Any) -> str:
    """The reference of the customer whose datum a row holds; a history row answers for the row it is about."""
    source = row if hasattr(row, "sealed_for") else row.instance
    return str(source.sealed_for())
