"""People: which columns speak of one person, found in the training rows, and how many rows a person has."""
