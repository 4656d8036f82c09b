"""Media: what a file of a medium is - recognised, read, written, shown. Pictures are the first."""
