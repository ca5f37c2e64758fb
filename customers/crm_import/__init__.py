"""Taking in a CRM export."""
