"""How a body works on its answer: sections handed to colleagues by links of their own."""

from django.db import models

from members.common.access import AccessLinked, AccessLinkQuerySet
from surveys.models.target import SurveyTarget


class SectionLinkQuerySet(AccessLinkQuerySet):
    def for_answering(self) -> "SectionLinkQuerySet":
        """With everything the answering pages print."""
        return self.select_related(
            "target__organization", "target__survey__council_year__council", "target__submission"
        )


class SectionLink(AccessLinked):
    """A link that opens one section of a body's answer, for a colleague there, and nothing else.

    It ends with the link of the answer itself, and with the deadline as that does.
    """

    target = models.ForeignKey(
        SurveyTarget, models.CASCADE, related_name="section_links", verbose_name="回答対象"
    )
    section = models.CharField("区分", max_length=40)
    recipient = models.CharField("渡す相手", max_length=100)
    issued_by = models.CharField("依頼する人", max_length=100, blank=True)

    link_page = "answer-part"

    objects = SectionLinkQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "区分のリンク"
        ordering = ["target", "pk"]

    def __str__(self) -> str:
        return f"{self.target} {self.section} {self.recipient}"

    @property
    def link_is_good(self) -> bool:
        """Whether the link opens now."""
        return super().link_is_good and self.target.link_is_good
