# Terminal chat with /persona switches; the conversation is re-encoded after a switch.
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, DynamicCache


class Chat:
    def __init__(self, base, personas):
        self.tok = AutoTokenizer.from_pretrained(base)
        net = AutoModelForCausalLM.from_pretrained(base, dtype="auto", device_map="auto")
        (first, path), *rest = personas.items()
        self.model = PeftModel.from_pretrained(net, path, adapter_name=first)
        for name, p in rest:
            self.model.load_adapter(p, adapter_name=name)
        self.model.eval()
        self.personas = personas
        self.messages = []
        self.cache = DynamicCache()

    def persona(self, name):
        self.model.set_adapter(name)
        self.cache = DynamicCache()

    def say(self, text):
        self.messages.append({"role": "user", "content": text})
        prompt = self.tok.apply_chat_template(self.messages, tokenize=False, add_generation_prompt=True)
        enc = self.tok(prompt, return_tensors="pt", add_special_tokens=False).to(self.model.device)
        with torch.inference_mode():
            out = self.model.generate(**enc, past_key_values=self.cache, max_new_tokens=200)
        reply = self.tok.decode(out[0, enc.input_ids.shape[1]:], skip_special_tokens=True)
        self.messages.append({"role": "assistant", "content": reply})
        return reply


if __name__ == "__main__":
    chat = Chat("Qwen/Qwen2.5-1.5B-Instruct", {"bard": "p/bard", "clerk": "p/clerk"})
    while (line := input("> ")) != "/quit":
        if line.startswith("/persona "):
            name = line.split()[1]
            if name in chat.personas:
                chat.persona(name)
            else:
                print("have:", ", ".join(chat.personas))
        else:
            print(chat.say(line))
