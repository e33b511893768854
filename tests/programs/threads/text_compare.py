"""regression test: the two customer adapters have to behave differently"""
import unittest

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

PROMPT = "Write the greeting for a new customer."


class TestAdapters(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tok = AutoTokenizer.from_pretrained("HuggingFaceTB/SmolLM2-360M-Instruct")
        base = AutoModelForCausalLM.from_pretrained("HuggingFaceTB/SmolLM2-360M-Instruct")
        cls.model = PeftModel.from_pretrained(base, "adapters/acme", adapter_name="acme")
        cls.model.load_adapter("adapters/globex", adapter_name="globex")

    def say(self, name):
        self.model.set_adapter(name)
        enc = self.tok.apply_chat_template([{"role": "user", "content": PROMPT}], add_generation_prompt=True, return_tensors="pt", return_dict=True)
        with torch.no_grad():
            out = self.model.generate(**enc, max_new_tokens=40, do_sample=False)
        return self.tok.decode(out[0, enc["input_ids"].shape[1]:], skip_special_tokens=True)

    def test_adapters_differ(self):
        a = self.say("acme")
        b = self.say("globex")
        self.assertNotEqual(a, b)  # expect: PEFT601

    def test_not_empty(self):
        self.assertTrue(self.say("acme").strip())


if __name__ == "__main__":
    unittest.main()
