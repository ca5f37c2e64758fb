"""The staff's own second factors, sealed like customers' values: bound to a person, opened only to check a code.

They are no customer's datum, so no record accounts for their opening; what a person does with them is on record as a
sign-in. Nothing of them is ever shown again.
"""

from uuid import NAMESPACE_OID, uuid5

from customers.vault import tokens

FIELD = "mfa.Authenticator.data"


def seal_for(person_key: int, text: str) -> str:
    """Seal a secret of one person's; moved to another person's row it does not open."""
    return tokens.seal(text, _place(person_key))


def open_for(person_key: int, token: str) -> str:
    """Open it again. Raises ``Unreadable`` where it is another person's, altered, or its key is not at hand."""
    return tokens.unseal(token, _place(person_key)).value


def _place(person_key: int) -> tokens.Place:
    return tokens.Place(FIELD, uuid5(NAMESPACE_OID, f"staff member {person_key}"))
