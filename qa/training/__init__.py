"""How the neural reader is made."""
