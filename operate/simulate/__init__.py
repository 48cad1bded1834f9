"""What happens when many terminals do the same thing at once, on loopback."""
