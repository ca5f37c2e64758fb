"""``import_consents`` and ``may_contact``: each calls an act or the gate, and prints the outcome."""
