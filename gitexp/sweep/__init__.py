"""Many runs from one description: what is tried, which points there are, what is still to do."""
