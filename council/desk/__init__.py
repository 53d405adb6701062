"""A municipality's own desk: one link to what waits for it, across councils."""
