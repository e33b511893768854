import copy
import random
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

# REINFORCE with KL to the untouched gpt2, small enough to keep both
tok = AutoTokenizer.from_pretrained("lvwerra/gpt2-imdb")
tok.pad_token = tok.eos_token
model = AutoModelForCausalLM.from_pretrained("lvwerra/gpt2-imdb")
ref = copy.deepcopy(model).eval()
for p in ref.parameters():
    p.requires_grad = False

policy = get_peft_model(model, LoraConfig(r=8, lora_alpha=16, target_modules=["c_attn"], fan_in_fan_out=True, task_type="CAUSAL_LM"))
opt = torch.optim.Adam([p for p in policy.parameters() if p.requires_grad], lr=1e-4)
GOOD = {"great", "good", "love", "wonderful", "best"}


def logp(m, ids):
    lg = m(input_ids=ids).logits[:, :-1].log_softmax(-1)
    return lg.gather(-1, ids[:, 1:, None]).squeeze(-1)


prompts = ["This movie was", "I watched it", "The actors", "My friend said"]
for step in range(300):
    enc = tok(random.choice(prompts), return_tensors="pt")
    policy.eval()
    with torch.no_grad():
        seq = policy.generate(**enc, max_new_tokens=24, do_sample=True, pad_token_id=tok.eos_token_id)
    policy.train()
    r = sum(w.strip(".,!").lower() in GOOD for w in tok.decode(seq[0]).split())
    lp = logp(policy, seq)
    with torch.no_grad():
        kl = (lp - logp(ref, seq)).sum()
    loss = -(r - 0.05 * kl) * lp.mean()
    loss.backward()
    opt.step()
    opt.zero_grad()
    if step % 25 == 0:
        print(step, r, round(kl.item(), 3))
policy.save_pretrained("gpt2-positive")
