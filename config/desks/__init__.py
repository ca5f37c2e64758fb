"""The first page: what waits for a person, by what that person may do. Who holds two roles has both desks."""

from config.desks.first_page import first_page

__all__ = ["first_page"]
