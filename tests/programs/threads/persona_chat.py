"""Gradio chat with two persona LoRAs on one llama. Based on the multi-adapter example from the transformers docs."""
import gradio as gr
import torch
from peft import PeftConfig
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "meta-llama/Llama-3.2-1B-Instruct"
OUT_DIR1 = "runs/pirate/final"
OUT_DIR2 = "runs/butler/final"

tok = AutoTokenizer.from_pretrained(BASE)


class PersonaBot:
    def __init__(self):
        self.lm = AutoModelForCausalLM.from_pretrained(BASE, torch_dtype=torch.bfloat16, device_map="auto")
        self.lm.add_adapter(PeftConfig.from_pretrained(OUT_DIR1), adapter_name="pirate")  # expect: PEFT101
        self.lm.add_adapter(PeftConfig.from_pretrained(OUT_DIR2), adapter_name="butler")  # expect: PEFT101
        self.lm.eval()

    def switch(self, who):
        print("switching to", who, "| was", self.lm.active_adapters())
        self.lm.set_adapter(who)

    @torch.no_grad()
    def reply(self, msg, history):
        chat = [{"role": "user", "content": msg}]
        ids = tok.apply_chat_template(chat, add_generation_prompt=True, return_tensors="pt", return_dict=True).to(self.lm.device)
        out = self.lm.generate(**ids, max_new_tokens=200, do_sample=False)
        return tok.decode(out[0][ids["input_ids"].shape[1]:], skip_special_tokens=True)


bot = PersonaBot()


def respond(msg, history, persona):
    bot.switch(persona)
    return bot.reply(msg, history)


demo = gr.ChatInterface(respond, additional_inputs=[gr.Dropdown(["pirate", "butler"], value="pirate")])

if __name__ == "__main__":
    demo.launch(server_port=7861)
