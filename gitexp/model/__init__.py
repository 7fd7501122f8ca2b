"""What a run is: frozen values, no input or output."""
