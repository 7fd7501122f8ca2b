"""The command line."""

from gitexp.cli.sparing import import_click

import_click()  # before any module of this package asks for it
