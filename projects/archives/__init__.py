"""Taking an uploaded archive apart safely: one reader for `.zip`, one for `.tar` and `.tar.gz`, one writer."""

from projects.archives.extraction import extract_archive

__all__ = ["extract_archive"]
