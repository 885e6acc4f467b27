"""How good the answers over a corpus are, in figures: ``measuring`` asks, ``figures`` counts."""
