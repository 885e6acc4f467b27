"""Recipe of the bilingual sentence-embedding model: one module per stage, one command per stage."""
