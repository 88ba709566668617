"""Runs steps in pods: describes, launches and watches them, and explains how they ended."""
