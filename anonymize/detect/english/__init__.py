"""English text: a small statistical model, what words and names it is unsure of, and cue words."""
