"""Every page type in a real browser, by axe-core and by checks of our own (``make accessibility``)."""
