"""What the facility remembers: one SQLite file, one writer, one repository per aggregate."""
