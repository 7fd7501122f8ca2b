"""What a revision holds: its files, what each of them is for, and the values in them."""
