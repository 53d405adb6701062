"""Files of a meeting: its materials, all of them in one ZIP, and its record as a Word document."""

import tempfile
import zipfile
from logging import getLogger
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from meetings.materials.files import INLINE, safe_name
from meetings.models import Material, MaterialVersion, MinuteEntry
from meetings.record.word import write_record
from meetings.views.page import find_meeting
from members.common.visibility import visible_to

logger = getLogger(__name__)


def material(
    request: HttpRequest, slug: str, year: int, number: int, anchor: str, version: int
) -> FileResponse:
    """Send one version of a material's file; its type is what the upload was found to hold."""
    meeting = find_meeting(request, slug, year, number)
    materials = visible_to(request.user, Material).filter(meeting=meeting)
    found = get_object_or_404(
        MaterialVersion, material__in=materials, material__anchor=anchor, number=version
    )
    return send_file(found)


def send_file(stored: Any) -> FileResponse:
    """A stored file by its own name, for whoever was found to be allowed it."""
    try:
        content = stored.file.open()
    except OSError as error:
        logger.exception("file of %s is missing", stored)
        raise Http404 from error
    return FileResponse(
        content,
        as_attachment=stored.content_type not in INLINE,
        filename=stored.name,
        content_type=stored.content_type,
    )


def materials_zip(request: HttpRequest, slug: str, year: int, number: int) -> FileResponse:
    """Send the latest version of every public material; never a hidden one, whoever asks."""
    meeting = find_meeting(request, slug, year, number)
    versions = MaterialVersion.objects.filter(material__in=Material.objects.public().filter(meeting=meeting))
    latest: dict[int, MaterialVersion] = {}
    for found in versions.select_related("material").order_by("material__position", "material", "number"):
        latest[found.material_id] = found
    if not latest:
        raise Http404
    # Handed to the response, which closes it.
    archive_file = tempfile.SpooledTemporaryFile(max_size=10_000_000)  # noqa: SIM115
    with zipfile.ZipFile(archive_file, "w") as archive:
        for order, found in enumerate(latest.values(), start=1):
            try:
                with found.file.open() as content:
                    archive.writestr(f"{order:02}_{safe_name(found.name)}", content.read())
            except OSError:
                logger.exception("file of %s is missing", found)
                archive.writestr(
                    f"{order:02}_見つからないファイル.txt",
                    f"資料「{found.material}」のファイル（{found.name}）を取り出せませんでした。"
                    "事務局に問い合わせてください。\r\n",
                )
    archive_file.seek(0)
    name = f"{meeting.council_year.year}-{meeting.number}-materials.zip"
    return FileResponse(archive_file, as_attachment=True, filename=name, content_type="application/zip")


def word(request: HttpRequest, slug: str, year: int, number: int) -> HttpResponse:
    """Send the record as the Word file an office circulates: what this visitor may read of it."""
    meeting = find_meeting(request, slug, year, number)
    entries = visible_to(request.user, MinuteEntry).filter(meeting=meeting)
    content = write_record(
        meeting,
        entries=list(entries.order_by("position", "pk")),
        attendances=list(
            visible_to(request.user, meeting.attendances.model)
            .filter(meeting=meeting)
            .exclude(status="")
            .with_names()
            .select_related("organization")
        ),
        materials=list(visible_to(request.user, Material).filter(meeting=meeting).order_by("position", "pk")),
    )
    response = HttpResponse(
        content, content_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    )
    response["Content-Disposition"] = f'attachment; filename="{slug}-{year}-{number}.docx"'
    return response
