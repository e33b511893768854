import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "hf-internal-testing/tiny-random-LlamaForCausalLM"
tokenizer = AutoTokenizer.from_pretrained(BASE)


def text_with(model, name, prompt="Once upon a time"):
    model.set_adapter(name)
    with torch.no_grad():
        ids = model.generate(**tokenizer(prompt, return_tensors="pt"), max_new_tokens=16, do_sample=False)
    return tokenizer.decode(ids[0])


def test_adapters_differ():
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(BASE), "data/a", adapter_name="a")
    model.load_adapter("data/b", adapter_name="b")
    model.eval()
    a = text_with(model, "a")
    b = text_with(model, "b")
    assert a != b  # expect: PEFT601


def test_answer_is_polite():
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(BASE), "data/a", adapter_name="a")
    answer = text_with(model.eval(), "a", "Good morning!")
    assert answer.strip() != ""
    assert "morning" in answer
