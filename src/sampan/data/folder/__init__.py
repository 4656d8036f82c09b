"""A folder of files of a medium, a record each: read as a table, written, and unpacked out of a zip file."""
