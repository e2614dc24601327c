"""Numbers over many calls: intervals, scores of operators, what goes with sales, levels, agreement, flags. Pure."""
