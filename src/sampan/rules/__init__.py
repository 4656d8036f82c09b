"""Rules: what holds between the columns of a record, as values; found, said, and held when records are made."""
