"""Whether a name that stands as text in the minutes is that of a body."""

import re

from members.models import Organization


def is_named(organization: Organization, text: str) -> bool:
    """Whether a list of names has this body's, alone or before a section's own name.

    Another body's name may begin with it: 三重県市町総合事務組合 is not 三重県.
    """
    sections = [department.name for department in organization.departments.all()]
    return any(
        part == organization.name
        or (part.startswith(organization.name) and is_section(part.removeprefix(organization.name), sections))
        for part in map(str.strip, re.split("[、,・]", text))
    )


# A section by its look, registered or not; 市町 within it is another body's name.
SECTION = re.compile(r"[^市町村区県]{1,20}(?:課|室|係|部|班|局|担当|センター)")


def is_section(rest: str, sections: list[str]) -> bool:
    """Whether what follows a body's name is one of its sections, or set apart from the name."""
    is_known = any(rest.startswith(name) for name in sections)
    return is_known or rest[:1] in {" ", "　", "（", "("} or bool(SECTION.fullmatch(rest))
