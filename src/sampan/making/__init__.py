"""Making: what is done with a request, in functions of a learned model and the request."""
