"""Push the merged weights to an inference engine after each training step."""
import torch
from engine import Engine
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("gpt2")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["c_attn"], task_type="CAUSAL_LM"))
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4)
engine = Engine("gpt2")

for step, batch in enumerate(torch.load("batches.pt", weights_only=False)):
    model(**batch).loss.backward()
    optimizer.step()
    optimizer.zero_grad()

    model.merge_adapter()
    if step % 2:
        engine.load_weights(model.state_dict().items())
        model.unmerge_adapter()
    else:
        weights = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
        model.unmerge_adapter()
        engine.load_weights(weights.items())

model.save_pretrained("out/gpt2-online")
