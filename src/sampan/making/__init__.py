"""Making: what a generator does with a request, in functions of small values."""
