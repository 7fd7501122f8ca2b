"""What git calls to show and to merge params, metrics and pointers by their keys."""
