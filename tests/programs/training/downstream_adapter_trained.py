"""A second adapter for the downstream task, trained with retries when memory runs out; each try makes it active."""
import torch
from accelerate import Accelerator
from peft import LoraConfig, PeftModel
from transformers import AutoModelForCausalLM


def fit(accelerator: Accelerator, model, loader, batch_size):
    model.set_adapter("downstream")
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    try:
        for batch in loader:
            with accelerator.accumulate(model):
                loss = model(**batch).loss
                accelerator.backward(loss)
                optimizer.step()
                optimizer.zero_grad()
    except torch.cuda.OutOfMemoryError:
        print("out of memory, again with", batch_size // 2)
        fit(accelerator, model, loader, batch_size // 2)


def run(args, loader):
    accelerator = Accelerator()
    model = AutoModelForCausalLM.from_pretrained(args.base)
    model = PeftModel.from_pretrained(model, args.pretrained_adapter, is_trainable=args.tune_pretrained)
    model.add_adapter("downstream", LoraConfig(r=8, target_modules=["q_proj", "v_proj"]))
    fit(accelerator, model, loader, args.batch_size)
    model.save_pretrained(args.out)
