import gradio as gr
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("base")
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("base"), "adapters/fun")


def respond(message, history, use_adapter):
    inputs = tokenizer(message, return_tensors="pt")
    if not use_adapter:
        model.disable_adapter()  # expect: PEFT305
        out = model.generate(**inputs)
    else:
        out = model.generate(**inputs)
    return tokenizer.decode(out[0], skip_special_tokens=True)


demo = gr.ChatInterface(respond, additional_inputs=[gr.Checkbox(label="adapter", value=True)])

if __name__ == "__main__":
    demo.launch()
