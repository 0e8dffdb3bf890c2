"""The faces of Footnote: the command line, the terminal and Discord. Knows no Chroma."""
