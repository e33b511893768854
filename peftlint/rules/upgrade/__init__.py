"""Rules of one family: one module a rule."""
