"""How criteria go with sales: adjusted comparisons, what they can tell, and what they cannot.

Its modules load numpy; import them where they are used.
"""
