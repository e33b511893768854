# works with old and new peft
import torch
import peft
from packaging import version
from peft import LoraConfig, get_peft_model

try:
    from peft import prepare_model_for_kbit_training
except ImportError:
    from peft import prepare_model_for_int8_training as prepare_model_for_kbit_training

from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

OLD = version.parse(peft.__version__) < version.parse("0.4.0")


def load(path, r=8):
    tok = AutoTokenizer.from_pretrained(path)
    m = AutoModelForCausalLM.from_pretrained(path, quantization_config=BitsAndBytesConfig(load_in_8bit=True), device_map="auto")
    m = prepare_model_for_kbit_training(m)
    m = get_peft_model(m, LoraConfig(r=r, lora_alpha=2 * r, target_modules=["c_proj", "c_attn", "q_attn"], lora_dropout=0.1, task_type="CAUSAL_LM"))
    return tok, m


if __name__ == "__main__":
    tok, m = load("bigcode/starcoderbase-1b")
    print("old peft" if OLD else "peft", peft.__version__)
    m.print_trainable_parameters()
    opt = torch.optim.AdamW([p for p in m.parameters() if p.requires_grad], lr=1e-4)
    for code in open("snippets.txt").read().split("\n\n"):
        b = tok(code, return_tensors="pt", truncation=True, max_length=512).to("cuda")
        loss = m(**b, labels=b["input_ids"]).loss
        loss.backward()
        opt.step()
        opt.zero_grad()
    print(loss.item())
    m.save_pretrained("starcoder-lora")
