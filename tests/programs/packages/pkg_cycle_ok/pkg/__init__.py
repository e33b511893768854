from . import engine, loader
