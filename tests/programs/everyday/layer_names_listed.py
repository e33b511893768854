"""Whole names in a list; patterns joined to one string."""

from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


def upper_layers(model, share=0.5):
    count = model.config.num_hidden_layers
    return range(int(count * share), count)


model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B")
names = [f"layers.{i}.self_attn.{part}_proj" for i in upper_layers(model) for part in "qkvo"]
patterns = [rf"(.*\.layers\.{i}\.mlp\..*)" for i in upper_layers(model)]
model = get_peft_model(model, LoraConfig(r=8, target_modules=names, task_type="CAUSAL_LM"))
model.add_adapter("mlp", LoraConfig(r=8, target_modules="|".join(patterns), task_type="CAUSAL_LM"))
model.print_trainable_parameters()
