"""``demo`` and ``sync_roles``. Commands about customers, consent and disclosures are in those apps."""
