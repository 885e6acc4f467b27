"""Fundstelle and its peers on the same passages: one small script each, and what they are run by."""
