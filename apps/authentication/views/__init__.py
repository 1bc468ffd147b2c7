"""Pages of sign-in, accounts and people."""
