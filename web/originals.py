"""The file that a report was read from, as it was taken in."""

from flask import Response, send_file

from web.desk import desk


def send(document_id: str, withdrawn: bool = False) -> Response:
    """The file; always a download, never shown in this site's name.

    :param withdrawn: also of a report that is withdrawn.
    :raises NotFound: no such document.
    """
    original = desk().service.original(document_id, withdrawn)
    response = send_file(original.content, "application/octet-stream", as_attachment=True, download_name=original.name,
                         etag=original.digest)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
