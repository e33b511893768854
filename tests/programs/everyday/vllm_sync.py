# Push merged weights to an inference engine between RL rounds.
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from engine import InferenceEngine
from rollouts import policy_loss


def strip(name):
    return name.replace("base_model.model.", "").replace(".base_layer", "")


def sync_weights(model, engine):
    model.merge_adapter()
    state = model.state_dict()  # expect: PEFT506
    model.unmerge_adapter()
    weights = [(strip(k), v) for k, v in state.items() if "lora_" not in k]
    engine.load_weights(weights)


def main():
    model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-1.5B", dtype=torch.bfloat16, device_map="cuda")
    model = get_peft_model(model, LoraConfig(r=16, target_modules=["q_proj", "k_proj", "v_proj"], task_type="CAUSAL_LM"))
    engine = InferenceEngine("Qwen/Qwen2.5-1.5B")
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-6)

    for it in range(200):
        rollouts = engine.sample(n=64)
        loss = policy_loss(model, rollouts)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        sync_weights(model, engine)
        print(it, loss.item())
    model.save_pretrained("policy-lora")


if __name__ == "__main__":
    main()
