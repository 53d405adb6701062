"""What an installation lacks, in words that whoever runs it can act on (``manage.py doctor``)."""
