"""The review of everything, set-wise: what `index.review` does clip by clip and step by step, in one pass over each.

Stretches of time are read in order, each with as much around it as may touch it, and judged by worker processes with
the same functions of the core; what they state is compared with what is kept, and the difference written in batches.
Whatever is rare – long stretches, links of people, findings that change – goes the way of single clips and steps.
"""

from index.whole.conclude import WholeReview

__all__ = ["WholeReview"]
