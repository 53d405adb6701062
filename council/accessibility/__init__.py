"""アクセシビリティ: what is aimed at, and what the last test of every page type found."""
