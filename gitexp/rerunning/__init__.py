"""Runs made again: from what their commits hold, in isolation, and compared with the first time."""
