"""How fast symlab is, in ratios: every workload on every installed system, in one process."""
