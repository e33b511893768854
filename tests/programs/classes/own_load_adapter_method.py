"""Our own plug-in interface, with method names that PEFT uses too."""
import importlib
import json
from pathlib import Path

import requests


class Device:
    def __init__(self):
        self.adapters = {}
        self.active = None

    def load_adapter(self, path, adapter_name=None):
        spec = json.loads(Path(path).read_text())
        name = adapter_name or spec["name"]
        self.adapters[name] = importlib.import_module(spec["module"]).Adapter(**spec["options"])
        return name

    def add_adapter(self, name, adapter):
        self.adapters[name] = adapter

    def set_adapter(self, names):
        self.active = [self.adapters[name] for name in names]

    def disable_adapter(self):
        self.active = None

    def generate(self, value):
        for adapter in self.active or []:
            value = adapter.convert(value)
        return value


device = Device()
first = device.load_adapter("adapters/volt.json")
device.load_adapter("adapters/ampere.json", adapter_name="ampere")
print(device.generate(3.0))
device.set_adapter([first, "ampere"])
print(device.generate(3.0))
device.disable_adapter()

session = requests.Session()
print(session.get_adapter("https://example.org"))
