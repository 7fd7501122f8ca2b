"""Two files compared by what they hold, where their bytes differ; one module for each kind.

The Python of the command that wrote them compares them, since that has the libraries. So nothing
of gitexp's dependencies is imported here, and libraries only where a file needs them.
"""
