"""Who said it: the speaker of what a sentence quotes or reports. ``attribution`` is the entrance."""
