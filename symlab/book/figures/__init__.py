"""The figures of the book: their registry, how they are saved, drawn again and checked."""
