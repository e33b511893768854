import argparse

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
from vllm import LLM, SamplingParams

from weights import push, push_simple

ap = argparse.ArgumentParser()
ap.add_argument("--model", default="Qwen/Qwen2.5-0.5B")
ap.add_argument("--simple", action="store_true")
a = ap.parse_args()

net = AutoModelForCausalLM.from_pretrained(a.model, torch_dtype=torch.bfloat16).cuda()
net = get_peft_model(net, LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
opt = torch.optim.SGD([p for p in net.parameters() if p.requires_grad], lr=1e-2)
llm = LLM(a.model, gpu_memory_utilization=0.3, enforce_eager=True)
engine = llm.llm_engine.model_executor.driver_worker.model_runner.model

ids = torch.randint(0, 1000, (2, 32), device="cuda")
for it in range(10):
    net(input_ids=ids, labels=ids).loss.backward()
    opt.step()
    opt.zero_grad()
    (push_simple if a.simple else push)(net, engine)
    print(it, llm.generate(["Hello"], SamplingParams(max_tokens=8, temperature=0))[0].outputs[0].text)
