"""The exercises themselves, grouped by what their lessons teach."""
