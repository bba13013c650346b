"""Where the chapter is wrong: what it prints, what is right, and a check that decides which."""
