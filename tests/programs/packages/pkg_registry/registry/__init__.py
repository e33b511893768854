from .store import AdapterStore

__all__ = ["AdapterStore"]
