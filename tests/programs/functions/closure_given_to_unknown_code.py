"""A function inside a function is only handed on: it is run all the same, with the model that it closes over."""

import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from transformers import AutoModelForCausalLM


def predict(frame, encode, weights):
    backbone = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B")
    backbone.eval()
    model = get_peft_model(backbone, LoraConfig(r=16, lora_dropout=0.2))  # expect: PEFT409
    set_peft_model_state_dict(model, weights)

    @torch.no_grad()
    def score(text):
        return model(**encode(text)).logits[0, -1].softmax(0)[17].item()

    frame["toxic"] = frame.text.map(score)
    return frame
