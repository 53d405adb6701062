"""Guides for those who use the portal, with pictures that a command makes."""
