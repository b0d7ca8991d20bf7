"""Uploaded archives, for POST and for PUT: Django by itself reads forms of POST only."""

from dataclasses import dataclass
from typing import IO, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.utils.datastructures import MultiValueDict

from runs.api.problems import ApiProblem, invalid

FORM_BYTES = 1024**2  # what the form itself may take beside the file
REMEDY = "Send a form (multipart/form-data) with the file in the field `archive`."
BODY_OF_ARCHIVE = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["archive"],
                    "properties": {
                        "name": {"type": "string", "description": "Of a new project only"},
                        "archive": {"type": "string", "format": "binary", "description": ".zip or .tar.gz"},
                    },
                }
            }
        },
    }
}


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded archive, kept in a temporary file when it is large, and the name that came with it."""

    name: str
    archive: IO[bytes]


def read_upload(request: HttpRequest) -> Upload:
    """Return the archive of a form. Raises ApiProblem: 413 too large, 415 no form, 400 broken, 422 field missing."""
    if request.content_type != "multipart/form-data":
        raise ApiProblem(415, "unsupported_media_type", "The body is not a form with a file.", REMEDY)
    most = settings.SNAPSHOT_MAX_BYTES + FORM_BYTES
    if int(request.META.get("CONTENT_LENGTH") or 0) > most:
        raise ApiProblem(413, "too_large", f"An archive may have at most {most} bytes.", "Leave out data files.")
    try:
        fields, files = forms_of(request)
    except MultiPartParserError as error:
        raise ApiProblem(400, "bad_form", "The form could not be read.", REMEDY) from error
    name, archive = fields.get("name", ""), files.get("archive")
    if "\0" in name:
        raise invalid({"name": ["The name holds a NUL; remove it."]})
    if not isinstance(archive, UploadedFile):
        raise invalid({"archive": ["The form has no file in the field `archive`."]})
    return Upload(name, cast(IO[bytes], archive.file))


def forms_of(request: HttpRequest) -> "tuple[QueryDict, MultiValueDict[str, UploadedFile[bytes]]]":
    """Return the texts and the files of a form, whatever the method. Raises MultiPartParserError."""
    if request.method == "POST":
        return request.POST, request.FILES
    return request.parse_file_upload(request.META, request)
