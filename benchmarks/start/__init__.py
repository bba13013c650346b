"""Programs of W11, as a user writes them: each prints one number, its first result.

The data and first weights of each lie in a file that both programs of a pair read.
"""
