"""What stops a backup or its way back, in words for who runs it."""


class BackupError(Exception):
    """Nothing was made, or nothing was put back; the text says why and what to do."""
