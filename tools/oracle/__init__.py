"""Differential oracle: random PEFT programs are run, and the interpreter's state is compared with the library's own."""
