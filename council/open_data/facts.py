"""How large a dataset is and since when it is as it is, for those who choose among them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from council.open_data.source import APPS, PublicYear
from council.open_data.tables import DATASETS
from members.common.audit import last_change
from members.common.files.spreadsheets import CSV
from members.common.files.tables import Table
from members.common.publication.seal import EditionFault
from members.models import CouncilYear

DAY = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class TableFile:
    """One table of one year as a file, and since when nothing of it has changed."""

    content: bytes
    rows: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one dataset: its rows, the bytes of its files, since when it is as it is."""

    rows: int
    csv: int
    json: int
    since: datetime | None

    @property
    def day(self) -> date | None:
        """The day of it in the office's time."""
        return timezone.localdate(self.since) if self.since else None


def table_file(source: PublicYear, dataset: Table[PublicYear], extension: str) -> TableFile:
    """What is handed out for a table of a year; ``extension`` is csv or json."""
    editions = [str(row[-1]) for row in dataset.rows(source)]
    if extension == "json":
        content = dataset.as_json(
            source,
            council=source.printed.report.council if source.printed else source.year.council.name,
            year=source.year.year,
            dataset=dataset.title,
            license=settings.OPEN_DATA_LICENSE,
        )
    else:
        content = CSV().export_data(dataset.fill(source))
    return TableFile(content, len(editions), source.changed_at(editions))


def facts_of(years: Iterable[CouncilYear]) -> dict[int, dict[str, Facts]]:
    """The facts of every dataset of these years, by the year's id and the dataset's name.

    Counted once for each state of what is public, for all servers.
    """
    changed = last_change(APPS)
    keys = {f"open-data-facts:{year.pk}:{changed and changed.isoformat()}": year for year in years}
    known = cache.get_many(keys)
    fresh = {key: count(year) for key, year in keys.items() if key not in known}
    if fresh:
        cache.set_many(fresh, DAY)
    return {year.pk: known.get(key) or fresh[key] for key, year in keys.items()}


def count(year: CouncilYear) -> dict[str, Facts]:
    """The facts of a year's datasets; none where its edition is not what was published."""
    try:
        return count_all(PublicYear(year))
    except EditionFault:
        return {}


def count_all(source: PublicYear) -> dict[str, Facts]:
    found = {}
    for dataset in DATASETS:
        files = {extension: table_file(source, dataset, extension) for extension in ("csv", "json")}
        sizes = {extension: len(file.content) for extension, file in files.items()}
        found[dataset.name] = Facts(files["csv"].rows, sizes["csv"], sizes["json"], files["csv"].since)
    return found
