"""The one publication engine: a checklist, a second person, a schedule, and every step on record.

``engine`` holds the table of transitions and what each of them does; meetings' records and annual
reports say in a subclass what they check and what going public means for them.
"""
