from .wrap import init

__all__ = ["init"]
