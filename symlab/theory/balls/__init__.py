"""Proofs by numbers that carry their error: balls, derivatives in balls, and Krawczyk's test."""
