"""Pictures: how likely, how new and how useful made pictures are, beside real ones that were never learned."""
