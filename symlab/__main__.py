"""`python -m symlab` is the command `symlab`."""

from symlab.cli import app

if __name__ == "__main__":
    app()
