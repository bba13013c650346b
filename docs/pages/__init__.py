"""The pages of the site that are written from the registries of symlab, for Sphinx to set."""
