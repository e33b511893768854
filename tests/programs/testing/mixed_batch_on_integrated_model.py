import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("gpt2", pad_token="<|endoftext|>", padding_side="left")
model = AutoModelForCausalLM.from_pretrained("gpt2")
model.load_adapter("out/a", adapter_name="a")
model.load_adapter("out/b", adapter_name="b")
model.eval()


def test_rows_use_their_adapters():
    batch = tokenizer(["one", "two"], return_tensors="pt", padding=True)
    with torch.no_grad():
        mixed = model(**batch, adapter_names=["a", "b"]).logits  # expect: PEFT804
        model.set_adapter("a")
        by_a = model(**batch).logits
        model.set_adapter("b")
        by_b = model(**batch).logits
    assert torch.allclose(mixed[0], by_a[0])
    assert torch.allclose(mixed[1], by_b[1])
