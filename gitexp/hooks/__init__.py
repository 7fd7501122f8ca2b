"""What git calls at a commit, a checkout, a merge, a rewrite and a push."""
