"""The rules of `relay.core.policy`, one function a question.

Guarantees: each rule is pure, stands alone, and yields ``FACTS_MISSING`` when a fact that it
needs is not known; so any of them can be read, tested and changed without the others.
Leaves to others: which rule speaks at booking, at joining and while live (`policy`).
"""
