import contextlib

import gradio as gr
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "HuggingFaceTB/SmolLM2-135M"
tokenizer = AutoTokenizer.from_pretrained(BASE)
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(BASE), "out/smol-jokes", adapter_name="jokes")
model.load_adapter("out/smol-facts", adapter_name="facts")
model.eval()


def run(prompt, style, use_adapter):
    batch = tokenizer(prompt, return_tensors="pt")
    if use_adapter:
        model.set_adapter(style)
    with torch.no_grad(), contextlib.nullcontext() if use_adapter else model.disable_adapter():
        ids = model.generate(**batch, max_new_tokens=80)
    return tokenizer.decode(ids[0], skip_special_tokens=True)


demo = gr.Interface(
    run,
    [gr.Textbox(label="Prompt"), gr.Radio(["jokes", "facts"], value="jokes"), gr.Checkbox(value=True)],
    gr.Textbox(label="Answer"),
)

if __name__ == "__main__":
    demo.queue(default_concurrency_limit=1).launch()
