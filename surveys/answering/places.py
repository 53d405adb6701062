"""From where somebody writes: the whole answer, or one section of it by a link of its own."""

from dataclasses import dataclass

from django.urls import reverse

from surveys.models import SectionLink, SurveyFile, SurveyTarget


@dataclass(frozen=True, slots=True)
class Place:
    """The addresses that a page of an answer leads to; from a section's link none leads out of it."""

    target: SurveyTarget
    part: SectionLink | None = None

    @property
    def home(self) -> str:
        """Where one comes back to."""
        if self.part:
            return reverse("answer-part", args=[self.part.anchor])
        return reverse("answer", args=[self.target.anchor])

    @property
    def leave(self) -> str:
        """Where one ends the work at a desktop that others use."""
        linked = self.part or self.target
        return reverse("answer-part-leave" if self.part else "answer-leave", args=[linked.anchor])

    @property
    def check(self) -> str:
        """Where one goes after the last section; from a section's link there is nothing more to do."""
        return self.home if self.part else reverse("answer-check", args=[self.target.anchor])

    def file(self, pk: int) -> str:
        """A file that came with the survey."""
        linked = self.part or self.target
        return reverse("answer-part-file" if self.part else "answer-file", args=[linked.anchor, pk])

    def files(self) -> list[tuple[str, SurveyFile]]:
        """What came with the survey, with its addresses."""
        return [(self.file(row.pk), row) for row in self.target.survey.files.all()]

    def section(self, code: str) -> str:
        return self.home if self.part else reverse("answer-section", args=[self.target.anchor, code])
