"""Groups: rows that belong together, as the visits of one patient do; found, learned, made together."""
