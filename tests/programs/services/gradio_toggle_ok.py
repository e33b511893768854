import contextlib

import gradio as gr
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("base")
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("base"), "adapters/fun")


def respond(message, history, use_adapter):
    inputs = tokenizer(message, return_tensors="pt")
    context = contextlib.nullcontext() if use_adapter else model.disable_adapter()
    with context:
        out = model.generate(**inputs)
    return tokenizer.decode(out[0], skip_special_tokens=True)


gr.ChatInterface(respond, additional_inputs=[gr.Checkbox(label="adapter", value=True)]).launch()
