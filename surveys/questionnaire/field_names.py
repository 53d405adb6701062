"""The grammar of an answer's field names: ``q-key``, ``q-key.topic``, ``q-key~choice``.

Keys and codes hold no dot, no tilde and no equals sign, so that a name is read as it was written.
Drafts, submissions, forms, workbooks and files all name a field like this.
"""

PREFIX, TOPIC, TEXT, CODE = "q-", ".", "~", "="


def field_name(key: str, topic: str | None = None) -> str:
    """Name a question's field, or the one of a topic of a grid."""
    return f"{PREFIX}{key}{TOPIC}{topic}" if topic else f"{PREFIX}{key}"


def text_field_name(key: str, choice: str) -> str:
    """Name the field for what a choice such as その他 asks to be written."""
    return f"{PREFIX}{key}{TEXT}{choice}"


def column_name(name: str, choice: str = "") -> str:
    """A field's heading in a file; with ``choice`` the column of one choice of several."""
    heading = name.removeprefix(PREFIX)
    return f"{heading}{CODE}{choice}" if choice else heading


def row_name(name: str, choice: str = "") -> str:
    """A row's hidden name in an answer workbook; with ``choice`` the row of one choice of several."""
    return f"{name}{CODE}{choice}" if choice else name
