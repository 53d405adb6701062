"""Desks of bodies as their people and the secretariat keep them."""
