"""Articles in, cited answers out. Knows no Discord."""
