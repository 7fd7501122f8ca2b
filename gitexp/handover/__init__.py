"""A run into your hands: its files into the work tree, onto a branch, or one by one."""
