"""Figures that leave the site: each is drawn once, as shapes, from the values that its page shows."""
