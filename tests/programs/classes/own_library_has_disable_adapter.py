"""A binding to a native library that has functions of the same names."""
import ctypes

from transformers import AutoTokenizer

native = ctypes.CDLL("libfast.so")


class FastModel:
    def __init__(self, path):
        self.tokenizer = AutoTokenizer.from_pretrained(path)
        self.handle = native.load(path.encode())

    def set_adapter(self, name: str):
        native.set_adapter(self.handle, str(name).encode())

    def disable_adapter(self):
        native.disable_adapter(self.handle)

    def respond(self, text):
        self.disable_adapter()
        return native.generate(self.handle, text.encode())
