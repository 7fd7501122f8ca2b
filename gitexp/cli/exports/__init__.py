"""The formats of `gitexp export`: a command each."""
