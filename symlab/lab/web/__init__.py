"""What all pages of symlab share: their colours, and the policy that keeps them to themselves."""
