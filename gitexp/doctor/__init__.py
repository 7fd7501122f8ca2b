"""A repository examined: what is as it should be, what is not, and what to do about it."""
