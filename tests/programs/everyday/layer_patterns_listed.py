from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


def upper_layers(model, share=0.5):
    count = model.config.num_hidden_layers
    return [f"layers.{i}.(self_attn|mlp).*" for i in range(int(count * share), count)]


model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B")
config = LoraConfig(
    r=8,
    lora_alpha=16,
    target_modules=upper_layers(model),  # expect: PEFT206
    task_type="CAUSAL_LM",
)
model = get_peft_model(model, config)
model.print_trainable_parameters()
