from transformers import AutoModelForCausalLM, AutoTokenizer
import torch

# mixed batch inference, see "Inference with different LoRA adapters in the same batch"
base_id = "google/gemma-2b"
tok = AutoTokenizer.from_pretrained(base_id, padding_side="left")
lm = AutoModelForCausalLM.from_pretrained(base_id, torch_dtype=torch.bfloat16).to("cuda")
lm.load_adapter("out/gemma_fr", adapter_name="fr")
lm.load_adapter("out/gemma_de", adapter_name="de")
lm.eval()

sents = ["Hello, my dog is cute", "Hello, my cat is awesome", "Bonjour, mon chien est", "Salut, mon chat est", "Hallo, mein Hund ist", "Hi, meine Katze ist"]
who = ["__base__", "__base__", "fr", "fr", "de", "de"]

enc = tok(sents, return_tensors="pt", padding=True).to("cuda")
with torch.no_grad():
    lg = lm(**enc, adapter_names=who).logits[:, -1]  # expect: PEFT804
for s, w, row in zip(sents, who, lg):
    top = row.float().softmax(-1).topk(5)
    print(f"{w:>8} | {s:<28} |", [f"{tok.decode(i)!r}:{p:.2f}" for i, p in zip(top.indices, top.values)])
