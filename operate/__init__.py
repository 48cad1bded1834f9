"""Programs for the people who run a facility: the `parloir` command, `scripts/run`, generators."""
