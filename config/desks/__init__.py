"""The first page: what waits for a person, by that person's rights. With two roles, the parts for both are shown.

The menu and the rest of each page's frame are in ``config.frame``.
"""

from config.desks.first_page import first_page

__all__ = ["first_page"]
