"""The hasher of staff passwords."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class StaffPasswordHasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes, one lane (OWASP Password Storage): a fifth of Django's default memory."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
