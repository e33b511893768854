"""A dataclass whose fields are functions, beside methods that use the adapter."""
from dataclasses import dataclass
from typing import Any, Callable

from peft import PeftModel


@dataclass
class Served:
    base: Any
    model: Any = None
    wait_for_ready: Callable[[], None] = lambda: None
    on_switch: Callable[[str], None] = lambda name: None

    def load(self, path):
        self.model = PeftModel.from_pretrained(self.base, path, adapter_name="math")

    def switch(self, name):
        self.wait_for_ready()
        self.model.set_adapter(name)
        self.on_switch(name)

    def answer(self, batch):
        return self.model.generate(**batch)
