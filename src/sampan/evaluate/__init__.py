"""How good made records are: one question per file, every answer beside its real-against-real floor."""
