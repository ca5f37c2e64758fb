"""``manage.py checkpoint``: sign the log and publish the checkpoint to the anchor file and by mail."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.audit_log.anchoring import take_checkpoint
from customers.audit_log.signer import log_signer
from customers.management.desk_command import DeskCommand


class Command(DeskCommand):
    """Run it every few minutes: entries after the newest anchored checkpoint are not protected yet."""

    help = _("Sign the log as it stands, add the note to the anchor file and mail it to the compliance officers.")

    def act(self, *args: Any, **options: Any) -> None:
        """Take a checkpoint; print its size and root, and what could not be mailed."""
        try:
            done = take_checkpoint(log_signer())
        except OSError as error:
            sentence = _("Signed, but not anchored: %(path)s cannot be written (%(why)s). Run this again.")
            raise CommandError(sentence % {"path": settings.ANCHOR_FILE, "why": error.strerror or error}) from error
        size, root = done.checkpoint.size, bytes(done.checkpoint.root).hex()
        if not done.is_new:
            self.stdout.write(_("Nothing new: the checkpoint over %(size)d entries stands.") % {"size": size})
            return
        self.stdout.write(
            ngettext("Signed %(size)d entry, root %(root)s.", "Signed %(size)d entries, root %(root)s.", size)
            % {"size": size, "root": root}
        )
        self.stdout.write(
            ngettext("Anchored; mailed to %(n)d officer.", "Anchored; mailed to %(n)d officers.", done.mailed)
            % {"n": done.mailed}
        )
        if done.not_mailed:
            self.stderr.write(
                ngettext(
                    "%(n)d officer could not be mailed; the checkpoint stands all the same.",
                    "%(n)d officers could not be mailed; the checkpoint stands all the same.",
                    done.not_mailed,
                )
                % {"n": done.not_mailed}
            )
