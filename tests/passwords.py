"""Hashing of passwords that costs next to nothing, for all the people whom tests make."""

from customers.staff.passwords import StaffPasswordHasher


class QuickPasswordHasher(StaffPasswordHasher):
    """The staff's own hasher with the least work that Argon2 can be asked to do."""

    time_cost = 1
    memory_cost = 8
