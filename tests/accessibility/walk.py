"""Goes through the pages of one visitor, one of each address pattern, and notes what each check found."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import axe_playwright_python
from django.urls import Resolver404, resolve
from playwright.sync_api import Error, Page

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
CHECKS = (Path(__file__).parent / "checks.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The text within Django's own search boxes: the box around it has a name, an empty text in it none.
RUN = """tags => axe.run({exclude: [".select2-selection__rendered"]}, {
  runOnly: {type: "tag", values: tags},
}).then(found => ({
  version: found.testEngine.version,
  passes: found.passes.map(rule => [rule.id, rule.tags]),
  incomplete: found.incomplete.map(rule => [rule.id, rule.tags]),
  violations: found.violations.map(rule => ({id: rule.id, tags: rule.tags, nodes: rule.nodes.map(
    node => [node.target.join(" "), (node.any[0] || node.all[0] || node.none[0] || {}).message || ""])})),
}))"""


# Of our own checks those that the admin's own frame leaves to us.
ALSO_IN_THE_ADMIN = {"reference", "id-twice"}


@dataclass
class Fault:
    """What one check found on one page; ``criterion`` is empty for good practice beyond WCAG."""

    page: str
    rule: str
    criterion: list[str]
    places: list[str]


@dataclass
class Walk:
    """What was seen on a way through pages."""

    visitor: str
    scheme: str
    width: int
    # Whether our own checks run too, beside those of axe-core.
    is_thorough: bool = True
    version: str = ""
    pages: list[str] = field(default_factory=list)
    # Pages that were to be tested and could not be.
    not_tested: list[str] = field(default_factory=list)
    # On how many pages a criterion's rules found nothing wrong, and where only a person can tell.
    passed: dict[str, int] = field(default_factory=dict)
    to_judge: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def look(self, page: Page, name: str) -> None:
        """Run every check on the page that is open."""
        page.evaluate(AXE)
        found = page.evaluate(RUN, TAGS)
        self.version = found["version"]
        self.pages.append(name)
        ours = [
            each for each in page.evaluate(CHECKS) if self.is_thorough or each["rule"] in ALSO_IN_THE_ADMIN
        ]
        wrong = {criterion for rule in found["violations"] for criterion in criteria(rule["tags"])}
        wrong |= {each["criterion"] for each in ours}
        for seen, count in (("passes", self.passed), ("incomplete", self.to_judge)):
            for criterion in {each for _, tags in found[seen] for each in criteria(tags)} - wrong:
                count[criterion] = count.get(criterion, 0) + 1
        for rule in found["violations"]:
            places = [f"{place}: {text}" for place, text in rule["nodes"]]
            self.faults.append(Fault(name, rule["id"], criteria(rule["tags"]), places))
        for each in ours:
            place = f"{each['element']}: {each['text']}"
            self.faults.append(Fault(name, each["rule"], [each["criterion"]], [place]))

    def go(self, page: Page, starts: list[str], follows: Callable[[str], bool]) -> None:
        """Look at the addresses to start from, and at one page of each pattern that they lead to."""
        waiting, patterns, asked = list(starts), set(), set()
        while waiting:
            address = waiting.pop(0)
            pattern = pattern_of(address)
            if address in asked or (pattern in patterns and address not in starts):
                continue
            asked.add(address)
            patterns.add(pattern)
            try:
                response = page.goto(address, wait_until="load")
            except Error as error:
                if "Download is starting" not in error.message:
                    self.not_tested.append(pattern)
                continue
            if response and "text/html" in response.headers.get("content-type", ""):
                self.look(page, name_of(address, pattern))
                waiting += [each for each in links_of(page) if follows(each)]

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{self.visitor}-{self.scheme}-{self.width}.json"
        (folder / name).write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1))


def criteria(tags: list[str]) -> list[str]:
    """The success criteria that a rule of axe-core belongs to: wcag143 is 1.4.3."""
    found = [re.fullmatch(r"wcag([1-4])([1-9])([0-9]{1,2})", tag) for tag in tags]
    return [".".join(match.groups()) for match in found if match]


def pattern_of(address: str) -> str:
    """Which of the portal's addresses this is an example of; itself where it is none."""
    try:
        return resolve(urlsplit(address).path).route or "/"
    except Resolver404:
        return address


def name_of(address: str, pattern: str) -> str:
    query = urlsplit(address).query
    return f"{pattern}?{query}" if query else pattern


def links_of(page: Page) -> Iterator[str]:
    """The addresses of this portal that a page leads to."""
    home: Any = urlsplit(page.url)
    for link in page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)"):
        parts = urlsplit(link)
        if parts.netloc == home.netloc:
            yield parts.path + (f"?{parts.query}" if parts.query else "")
