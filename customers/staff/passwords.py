"""How the staff's own passwords are hashed."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class StaffPasswordHasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes, one lane (OWASP's first choice): a fifth of Django's default in memory."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
