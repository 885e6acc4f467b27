"""The formulas, which the product measures with too."""

from rag.metrics import ndcg_at, recall_at, reciprocal_rank

__all__ = ["ndcg_at", "recall_at", "reciprocal_rank"]
