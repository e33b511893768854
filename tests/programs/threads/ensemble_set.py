"""Use both adapters at the same time (sum) on a validation set."""
import torch
from datasets import load_dataset
from peft import PeftModel
from tqdm.auto import tqdm
from transformers import AutoModelForCausalLM, AutoTokenizer

MODEL_NAME = "Qwen/Qwen2.5-3B-Instruct"
device = torch.device("cuda")
tokenizer = AutoTokenizer.from_pretrained(MODEL_NAME, padding_side="left")
_base = AutoModelForCausalLM.from_pretrained(MODEL_NAME, torch_dtype=torch.bfloat16).to(device)

peft_model = PeftModel.from_pretrained(_base, "ckpt/math", adapter_name="math")
peft_model.load_adapter("ckpt/german", adapter_name="german")
peft_model.set_adapter(["math", "german"])  # expect: PEFT801
print(peft_model.active_adapters)

mgsm = load_dataset("juletxara/mgsm", "de", split="test")
good = 0
for row in tqdm(mgsm):
    chat = [{"role": "user", "content": row["question"] + "\nAntworte nur mit der Zahl."}]
    enc = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_tensors="pt", return_dict=True).to(device)
    with torch.no_grad():
        out = peft_model.generate(**enc, max_new_tokens=16, do_sample=False)
    txt = tokenizer.decode(out[0, enc["input_ids"].shape[1]:], skip_special_tokens=True)
    good += txt.strip().strip(".") == str(row["answer_number"])
print("acc", good / len(mgsm))
