"""The answer workbook: the questionnaire as an Excel file, out to a organization and back.

Rows are known by a hidden name in each, not by their place, and the file says,
signed, for which organization and which version of the questionnaire it was made.
"""
