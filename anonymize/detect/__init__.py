"""Personal data found in text: by structure, by cue words, and by what the row itself says about its person."""
