"""The audit trail: entries gathered from the changes of rows, chained, verified, shown and cleared away."""
