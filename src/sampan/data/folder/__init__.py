"""A folder of files, one record each: read as a table, written, and unpacked out of a zip file."""
