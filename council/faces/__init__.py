"""The faces of an annual report: each drawn from the one ``Report`` object, none asks the database."""
