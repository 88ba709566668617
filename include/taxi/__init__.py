"""What the two taxi flows share: features, model, metrics and drift."""
