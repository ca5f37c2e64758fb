"""Uploaded files are held in memory and nowhere else: Django's own handler writes large ones to disk in clear."""

from __future__ import annotations

import io
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class InMemoryUploadHandler(FileUploadHandler):
    """Takes one byte more than the largest document may have, so that a larger one is told; drops the rest."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Another file begins."""
        super().new_file(*args, **kwargs)
        self.held = io.BytesIO()
        self.room = settings.DOCUMENT_MEGABYTES * 1_000_000 + 1

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep what there is room for."""
        taken = raw_data[: self.room]
        self.held.write(taken)
        self.room -= len(taken)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """The file, under no name: what it was called outside is looked at by nobody."""
        size = self.held.tell()
        self.held.seek(0)
        return InMemoryUploadedFile(self.held, self.field_name, "document", "application/octet-stream", size, None)
