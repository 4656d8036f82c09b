"""Tables of SQL databases in and out: SQLite by the standard library, any other through SQLAlchemy."""

from sampan.data.databases.address import DATABASES, Database, database_of
from sampan.data.databases.sqlite import open_sqlite
from sampan.data.databases.tables import open_database, write_database

__all__ = ["DATABASES", "Database", "database_of", "open_database", "open_sqlite", "write_database"]
