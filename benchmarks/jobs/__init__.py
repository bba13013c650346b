"""What each workload is: its data, its start, the right result, and the work of a step."""
