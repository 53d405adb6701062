"""Publishing a report as tests need it: what is seen is what stands, unless a test says otherwise."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User

from council.models import AnnualReport
from council.publishing.publication import publication
from members.common.publication.engine import Order


def seen_of(report: AnnualReport) -> str:
    """The state of what somebody has before them who opens the report's screen now."""
    return publication.candidate(report).state


def order_of(report: AnnualReport, **values: Any) -> Order:
    return Order(**{"seen": seen_of(report), "confirmed": True, **values})


def publish(report: AnnualReport, by: User | None = None, **values: Any) -> Any:
    """Publish a report, or its next edition; returns the edition."""
    return publication.publish(report, by, order_of(report, **values))


def schedule(report: AnnualReport, moment: datetime, by: User, **values: Any) -> None:
    publication.schedule(report, by, moment, order_of(report, **values))
