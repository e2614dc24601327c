"""Recognition: one channel's sound and its speech spans in, words with times and probabilities out."""
