"""Which installation a database belongs to."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Installation(models.Model):
    """The one row written by the first ``migrate``: its id is part of the log's name.

    ``born_in`` is the mode at that time; production refuses a database made in another one.
    """

    id = models.UUIDField(_("id"), primary_key=True, default=uuid.uuid4, editable=False)
    born_in = models.CharField(_("born in mode"), max_length=16)
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("installation")
        verbose_name_plural = _("installations")

    def __str__(self) -> str:
        return f"{self.origin} ({self.born_in})"

    @property
    def origin(self) -> str:
        """The log's name in signed checkpoints: ``privacy-desk/<installation id>``."""
        return f"privacy-desk/{self.id}"
