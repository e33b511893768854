"""The audit of saved adapters: adapter_config.json and the weights file, read without torch."""
