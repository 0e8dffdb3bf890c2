"""What an article is, and how one is read from a folder of raw files."""
