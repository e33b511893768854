# Predictor class that switches between tone adapters on request.
import threading

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class Predictor:
    TONES = {"formal": "tones/formal", "casual": "tones/casual"}

    def __init__(self, base="Qwen/Qwen2.5-1.5B-Instruct"):
        self.lock = threading.Lock()
        self.tokenizer = AutoTokenizer.from_pretrained(base)
        backbone = AutoModelForCausalLM.from_pretrained(base, dtype="auto", device_map="auto")
        names = list(self.TONES)
        self.model = PeftModel.from_pretrained(backbone, self.TONES[names[0]], adapter_name=names[0])
        for n in names[1:]:
            self.model.load_adapter(self.TONES[n], adapter_name=n)
        self.model.eval()

    def set_tone(self, tone):
        if tone not in self.TONES:
            raise ValueError(f"unknown tone {tone!r}")
        self.model = self.model.set_adapter(tone)  # expect: PEFT110

    def predict(self, text, tone="formal"):
        with self.lock:
            self.set_tone(tone)
            msgs = [{"role": "user", "content": f"Rewrite: {text}"}]
            prompt = self.tokenizer.apply_chat_template(msgs, tokenize=False, add_generation_prompt=True)
            enc = self.tokenizer(prompt, return_tensors="pt").to("cuda")
            with torch.inference_mode():
                ids = self.model.generate(**enc, max_new_tokens=200)
        return self.tokenizer.decode(ids[0, enc.input_ids.shape[1]:], skip_special_tokens=True)


if __name__ == "__main__":
    p = Predictor()
    print(p.predict("hey, can u send me the file?"))
    print(p.predict("I would be grateful for a prompt reply.", tone="casual"))
