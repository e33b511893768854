# Weight sync between a policy and an engine.
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from engine import InferenceEngine
from rollouts import policy_loss


class Syncer:
    def __init__(self, model, engine):
        self.model = model
        self.engine = engine
        self.snapshot = None

    def push(self):
        self.model.merge_adapter()
        sd = self.model.state_dict()
        named = [(k.removeprefix("base_model.model.").replace(".base_layer", ""), v) for k, v in sd.items() if "lora_" not in k]
        self.engine.load_weights(named)
        self.snapshot = {k: v.detach().clone() for k, v in named}
        self.model.unmerge_adapter()


model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B", device_map="cuda")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
syncer = Syncer(model, InferenceEngine("Qwen/Qwen2.5-0.5B"))
opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-6)
for _ in range(100):
    loss = policy_loss(model, syncer.engine.sample(32))
    loss.backward()
    opt.step()
    opt.zero_grad()
    syncer.push()
torch.save(syncer.snapshot, "merged-snapshot.pt")
