import torch


class Session:
    """A dialogue with a model; knows nothing of where the model comes from."""

    def __init__(self, model, tokenizer):
        self.model = model
        self.tokenizer = tokenizer
        self.past = None

    def become(self, name):
        self.model.set_adapter(name)

    @torch.no_grad()
    def say(self, text):
        ids = self.tokenizer(text, return_tensors="pt").input_ids
        out = self.model(ids, past_key_values=self.past, use_cache=True)  # expect: PEFT301
        self.past = out.past_key_values
        return self.tokenizer.decode(out.logits[0, -1].argmax())
