"""Array program -> source text, through templates/."""
