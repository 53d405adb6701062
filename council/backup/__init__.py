"""控え: the whole portal in one file, checked when it is made and again when it is put back."""
