"""The chapter's equations as derivations that are verified as they are made."""
