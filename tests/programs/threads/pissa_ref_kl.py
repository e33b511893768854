# PiSSA + reference logprobs by switching the adapter off
import torch
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

name = "Qwen/Qwen2.5-0.5B-Instruct"
tok = AutoTokenizer.from_pretrained(name)
model = AutoModelForCausalLM.from_pretrained(name, torch_dtype=torch.float32).to("cuda")
model = get_peft_model(
    model,
    LoraConfig(
        r=16,
        lora_alpha=16,
        target_modules=["q_proj", "v_proj", "gate_proj"],
        init_lora_weights="pissa_niter_16",
        task_type="CAUSAL_LM",
    ),
)
opt = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=2e-5)


def seq_logp(logits, ids):
    lp = logits[:, :-1].log_softmax(-1)
    return lp.gather(-1, ids[:, 1:, None]).squeeze(-1).sum(-1)


pairs = load_dataset("trl-lib/ultrafeedback_binarized", split="train[:1000]")
for k, row in enumerate(pairs):
    logps, refs = [], []
    for side in ("chosen", "rejected"):
        ids = tok.apply_chat_template(row[side], return_tensors="pt", return_dict=True, truncation=True, max_length=512)["input_ids"].cuda()
        logps.append(seq_logp(model(input_ids=ids).logits, ids))
        with torch.no_grad(), model.disable_adapter():  # expect: PEFT204
            refs.append(seq_logp(model(input_ids=ids).logits, ids))
    margin = 0.1 * ((logps[0] - logps[1]) - (refs[0] - refs[1]))
    loss = -torch.nn.functional.logsigmoid(margin).mean()
    loss.backward()
    opt.step()
    opt.zero_grad()
    if k % 25 == 0:
        print(k, loss.item(), margin.item())
