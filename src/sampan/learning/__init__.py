"""Learning: a table in, a Generator out, by one loop over batches of records."""
