"""Which runs are meant: the language of `--where`; pure."""
