"""Who gets the function gets the model too, and may do to it what is missing here."""

import torch
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from transformers import AutoModelForCausalLM


def build(encode, weights):
    backbone = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B")
    backbone.eval()
    model = get_peft_model(backbone, LoraConfig(r=16, lora_dropout=0.2))
    set_peft_model_state_dict(model, weights)

    @torch.no_grad()
    def score(text):
        return model(**encode(text)).logits[0, -1].softmax(0)[17].item()

    return model, score


def build_one(encode, weights):
    backbone = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B")
    backbone.eval()
    model = get_peft_model(backbone, LoraConfig(r=16, lora_dropout=0.2))
    set_peft_model_state_dict(model, weights)

    def score(text):
        return model(**encode(text)).logits

    return model.eval(), score


def main(frame, encode):
    model, score = build(encode, torch.load("lora.pt"))
    model.eval()
    frame["toxic"] = frame.text.map(score)
