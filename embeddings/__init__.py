"""The bilingual embedding model and the recipe that trains it."""
