"""What of an environment costs money and does nothing: looked for, never touched."""
