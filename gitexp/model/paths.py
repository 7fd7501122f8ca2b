"""The two ways in which the path of a file is spelled, so that they cannot be mixed up."""

from typing import NewType

TopPath = NewType("TopPath", str)
"""From the top of the repository, as git spells it."""

ProjectPath = NewType("ProjectPath", str)
"""From the project's folder, as its settings and its records have it."""
