"""Forms of the pages in ``customers.admin_views``: fields and their checks only; the acts check again."""
