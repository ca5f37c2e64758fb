"""Pages of a long list without counting all of it."""

from typing import Any

from django.core.paginator import Paginator
from django.utils.functional import cached_property


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than ``MOST`` rows: whoever needs more should find, not leaf through."""

    MOST = 20_000
    object_list: Any

    @cached_property
    def count(self) -> int:
        """The number of rows, or ``MOST`` where there are more."""
        return int(self.object_list.order_by()[: self.MOST].count())
