"""What library calls do to the typestate: one small function an effect; `api/tables.py` says which call has which."""
