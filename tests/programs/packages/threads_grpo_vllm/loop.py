import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer
from vllm import LLM, SamplingParams

from sync import move_model_to_vllm

MID = "Qwen/Qwen2.5-0.5B-Instruct"
tok = AutoTokenizer.from_pretrained(MID)
policy = get_peft_model(
    AutoModelForCausalLM.from_pretrained(MID, torch_dtype=torch.bfloat16).to("cuda:0"),
    LoraConfig(r=16, lora_alpha=32, target_modules=["q_proj", "k_proj", "v_proj", "o_proj"], task_type="CAUSAL_LM"),
)
llm = LLM(MID, gpu_memory_utilization=0.4, enforce_eager=True)
opt = torch.optim.AdamW([p for p in policy.parameters() if p.requires_grad], lr=1e-6)
sp = SamplingParams(n=8, temperature=1.0, max_tokens=128, logprobs=0)


def reward(text):
    return float(text.strip().endswith("."))


for step, prompt in enumerate(open("prompts.txt")):
    outs = llm.generate([prompt], sp)[0].outputs
    r = torch.tensor([reward(o.text) for o in outs])
    adv = (r - r.mean()) / (r.std() + 1e-4)
    for o, a in zip(outs, adv):
        ids = tok(prompt + o.text, return_tensors="pt").input_ids.cuda()
        lp = policy(input_ids=ids).logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None]).mean()
        (-a.item() * lp / len(outs)).backward()
    opt.step()
    opt.zero_grad()
    move_model_to_vllm(policy, llm)
    print(step, r.mean().item())
