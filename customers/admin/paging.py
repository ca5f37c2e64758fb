"""Paging of long lists without counting every row."""

from typing import Any

from django.core.paginator import Paginator
from django.utils.functional import cached_property


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """A paginator that counts no further than ``MOST`` rows; older ones are reached by find or filters."""

    MOST = 20_000
    object_list: Any

    @cached_property
    def count(self) -> int:
        """The number of rows, or ``MOST`` where there are more."""
        return int(self.object_list.order_by()[: self.MOST].count())
