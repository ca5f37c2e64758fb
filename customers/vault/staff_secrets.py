"""Secrets of the staff's own second factors, sealed like customers' values: bound to one member of staff.

They are opened only to check a code, and never shown again. They are not data of a customer, so no record accounts
for opening them; their use is on record as a sign-in.
"""

from uuid import NAMESPACE_OID, uuid5

from customers.vault import tokens

FIELD = "mfa.Authenticator.data"


def seal_for(person_key: int, text: str) -> str:
    """Seal a secret of the staff member with this key; moved to another member's row it does not open."""
    return tokens.seal(text, _place(person_key))


def open_for(person_key: int, token: str) -> str:
    """The secret again. Raises ``Unreadable`` where it is another member's, altered, or its key is not configured."""
    return tokens.unseal(token, _place(person_key)).value


def _place(person_key: int) -> tokens.Place:
    return tokens.Place(FIELD, uuid5(NAMESPACE_OID, f"staff member {person_key}"))
