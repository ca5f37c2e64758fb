"""``Sealed``: what reading a sealed field gives. It shows its mask; only ``expose`` gives the value."""

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
    Equality decrypts and compares inside the vault. It cannot be hashed, ordered, or used in a query.
    """

    __slots__ = ("_kind", "_place", "_row", "_seen", "_token")

    def __init__(self, token: str, kind: Kind, place: tokens.Place | None = None, row: Model | None = None) -> None:
        self._token = token
        self._kind = kind
        self._place = place
        self._row = row
        self._seen: tuple[str, str] | None = None

    # --- public, without the value -----------------------------------------------------------------------

    @property
    def kind(self) -> Kind:
        """The kind of datum."""
        return self._kind

    @property
    def field(self) -> str:
        """The field it is bound to, as ``app.Model.field``; "" for a value read without its row."""
        return self._place.field if self._place else ""

    @property
    def mask(self) -> str:
        """What is shown instead. ``HIDDEN`` where it is too secret or short, unreadable, or read without its row."""
        return self._summary()[0]

    @property
    def trouble(self) -> str:
        """Why the value cannot be read, in one sentence that does not contain it; "" where it can be."""
        return self._summary()[1]

    @property
    def commitment(self) -> str:
        """Hex SHA-256 of salt and value, for evidence. Raises ``Unreadable``, or ``SealedMisuse`` without a row."""
        return self._open().commitment()

    # --- the one way to plaintext ------------------------------------------------------------------------

    def expose(self, record: AppendOnly) -> str:
        """Decrypt the value, given the record that accounts for this opening.

        ``record`` must be committed, with no transaction open, still in force, and name this customer, this kind,
        this field and this row. Raises ``NotAccounted`` where one of these does not hold, for a value read without
        its row, and for kinds that are never opened; ``Unreadable`` where the value cannot be opened.
        """
        from customers.evidence.append_only import AppendOnly  # late: it needs the settings' user model

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
        except RuntimeError as error:  # inside a transaction, or autocommit is off
            raise NotAccounted("Nothing is committed inside an open transaction; open the value after it.") from error
        if refusal:
            raise NotAccounted(refusal)
        return self._open().value

    expose.alters_data = True  # type: ignore[attr-defined]  # templates do not call it

    # --- inside the vault --------------------------------------------------------------------------------

    def _summary(self) -> tuple[str, str]:
        """Mask and trouble, from one decryption that is kept, as pages use both; neither contains the value."""
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
            other_value = other if isinstance(other, str) else other._open().value
            return hmac.compare_digest(self._open().value.encode(), other_value.encode(errors="surrogatepass"))
        except (Unreadable, SealedMisuse):  # an unreadable value equals only itself
            return False

    def __hash__(self) -> int:
        raise SealedMisuse("A sealed value has no hash: sets and dictionaries would compare it. Use its row's key.")

    def __copy__(self) -> Sealed:
        return self

    def __deepcopy__(self, memo: Any) -> Sealed:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        # A pickle holds the token, not the row: what is loaded from it shows its mask and cannot be exposed.
        return (Sealed, (str(self._token), self._kind, self._place))

    def resolve_expression(self, query: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Raise ``SealedMisuse`` where a query would use the value, with two exceptions.

        Constraint validation, which only needs to know null or not, gets ``HIDDEN`` in its place; ``loaddata`` gets
        the dumped token back.
        """
        if query is not None and query.model is None:
            return Value(HIDDEN).resolve_expression(query, *args, **kwargs)
        if isinstance(self._token, tokens.DumpedToken):
            return DumpedValue(self._token)
        raise SealedMisuse(ELSEWHERE)

    def as_sql(self, *args: Any) -> Any:
        """Raise ``SealedMisuse``. That this method exists keeps ``Value()`` from turning the object into text."""
        raise SealedMisuse(ELSEWHERE)


class DumpedValue(Value):
    """A dumped token on its way into its sealed column; no other column takes it."""

    def as_sql(self, *args: Any, **kwargs: Any) -> Any:
        """Raise ``SealedMisuse``: only a sealed field writes the token."""
        raise SealedMisuse(ELSEWHERE)


def owner_of(row: Any) -> str:
    """The reference of the customer whose datum a row holds; for a history row, that of the row it is a version of."""
    source = row if hasattr(row, "sealed_for") else row.instance
    return str(source.sealed_for())
