"""Runs each step in a pod of its own."""
