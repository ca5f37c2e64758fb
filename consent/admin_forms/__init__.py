"""Forms about consent: for one customer, and for what officers keep. The acts, not the forms, enforce the rules."""
