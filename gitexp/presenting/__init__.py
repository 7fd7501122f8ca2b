"""What is said of a run, of several and of models: for the terminal and for the page."""
