"""The runs of a project told as a story: what was supposed, what was changed, what came of it."""
