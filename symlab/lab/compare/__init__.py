"""Compiled runs held against exact ones, step by step."""
