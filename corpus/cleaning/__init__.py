"""Repair of extracted text. Clean characters are raw characters: repair deletes, reorders and breaks lines, no more."""
