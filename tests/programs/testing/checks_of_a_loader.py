import unittest

import torch
from peft import LoraConfig, PeftConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "hf-internal-testing/tiny-random-LlamaForCausalLM"


class LoaderTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tokenizer = AutoTokenizer.from_pretrained(BASE)
        cls.batch = cls.tokenizer("Hello", return_tensors="pt")

    def setUp(self):
        self.base = AutoModelForCausalLM.from_pretrained(BASE)

    def test_adapter_changes_output(self):
        model = PeftModel.from_pretrained(self.base, "tests/data/adapter").eval()
        with torch.no_grad():
            adapted = model(**self.batch).logits
            original = self.base(**self.batch).logits  # expect: PEFT112
        self.assertFalse(torch.allclose(adapted, original))

    def test_two_adapters(self):
        model = PeftModel.from_pretrained(self.base, "tests/data/adapter", adapter_name="one").eval()
        model.load_adapter("tests/data/other", adapter_name="two")
        with torch.no_grad():
            one = model(**self.batch).logits
            model.set_adapter("two")
            two = model(**self.batch).logits
        self.assertFalse(torch.allclose(one, two))

    def test_text(self):
        model = PeftModel.from_pretrained(self.base, "tests/data/adapter").eval()
        adapted = self.tokenizer.batch_decode(model.generate(**self.batch, max_new_tokens=8))
        with model.disable_adapter():
            original = self.tokenizer.batch_decode(model.generate(**self.batch, max_new_tokens=8))
        self.assertNotEqual(adapted, original)  # expect: PEFT601


if __name__ == "__main__":
    unittest.main()
