"""What there is to draw of a project: curves, values of runs, files, DVC's plots and pictures."""
