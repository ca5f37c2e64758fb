"""Uploaded files stay in memory: Django's default handlers write large ones to disk unencrypted."""

from __future__ import annotations

import io
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class InMemoryUploadHandler(FileUploadHandler):
    """Keeps one byte more than the largest document allowed, so that a larger one is detected; drops the rest."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Start a file with an empty buffer."""
        super().new_file(*args, **kwargs)
        self.held = io.BytesIO()
        self.room = settings.DOCUMENT_MEGABYTES * 1_000_000 + 1

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep as much of the chunk as there is room for."""
        chunk = raw_data[: self.room]
        self.held.write(chunk)
        self.room -= len(chunk)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """The file, without the name it was uploaded under: that name is never used."""
        size = self.held.tell()
        self.held.seek(0)
        return InMemoryUploadedFile(self.held, self.field_name, "document", "application/octet-stream", size, None)
