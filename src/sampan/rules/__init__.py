"""Rules: what holds between the columns of a record; found, said, and held when records are made."""
