"""What keeps the embedded stack up: its ports, its secrets, its services and their processes."""
