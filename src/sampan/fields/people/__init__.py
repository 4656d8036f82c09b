"""People: which columns speak of one person, found in the training rows, and how many rows a person has."""

from sampan.fields.people.people import People, speaking

__all__ = ["People", "speaking"]
