"""Compiled runs compared with exact ones, step by step."""
