"""What tests read from a page before they post to it."""

import re

from django.test import Client


def seen(client: Client, path: str) -> str:
    """The fingerprint that a form carries of what it showed."""
    found = re.search(r'name="seen" value="([^"]*)"', client.get(path).content.decode())
    assert found, path
    return found[1]
