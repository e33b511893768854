"""Client of a model server that knows adapters too."""
import requests


class HubModel:
    def __init__(self, url):
        self.url = url

    def load_adapter(self, name, source="hf"):
        requests.post(f"{self.url}/adapters", json={"name": name, "source": source}, timeout=10).raise_for_status()
        return name

    def set_adapter(self, names):
        requests.put(f"{self.url}/active", json=list(names), timeout=10).raise_for_status()

    def disable_adapter(self):
        self.set_adapter([])

    def merge_and_unload(self):
        requests.post(f"{self.url}/merge", timeout=60).raise_for_status()

    def save_pretrained(self, folder):
        requests.post(f"{self.url}/save", json={"folder": folder}, timeout=60).raise_for_status()


def connect(url):
    return HubModel(url)
