"""What follows a recorded run in the background, if the user wants it: a push, a message."""
