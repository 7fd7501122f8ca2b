"""What decides a result, held against recorded runs: what differs, and which runs repeat which."""
