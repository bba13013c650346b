"""Exercises that grade themselves: what is asked, what is right, and which mistake was made."""
