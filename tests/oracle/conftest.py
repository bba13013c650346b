"""The scripts that made the numbers need other libraries, so they are not collected as tests."""

collect_ignore_glob = ["make_*.py"]
