import unittest

from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class AdapterTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tok = AutoTokenizer.from_pretrained("tiny")
        cls.model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("tiny"), "adapters/a", adapter_name="a")
        cls.model.load_adapter("adapters/b", adapter_name="b")

    def text(self, prompt):
        out = self.model.generate(**self.tok(prompt, return_tensors="pt"), max_new_tokens=5)
        return self.tok.decode(out[0])

    def test_adapters_differ(self):
        self.model.set_adapter("a")
        a = self.text("hi")
        self.model.set_adapter("b")
        b = self.text("hi")
        self.assertNotEqual(a, b)  # expect: PEFT601
