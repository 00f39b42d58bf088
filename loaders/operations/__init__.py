"""What an operator does beside building and serving: look after it, keep copies, and bring them back."""
